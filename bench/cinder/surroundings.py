"""Stands in for what cinder-backup has around its driver: database, notifications, volume manager.

The driver itself (cinder.backup.drivers.posix and the chunkeddriver below it) runs as upstream ships it.
"""

import contextlib
import warnings

# That eventlet is deprecated is upstream's affair.
warnings.filterwarnings('ignore', message=r'\s*Eventlet is deprecated')

# First of all, as cinder/cmd/backup.py does it: Cinder's own process is a patched one.
import eventlet  # noqa: E402

eventlet.monkey_patch()

import cinder.db  # noqa: E402
from cinder import objects  # noqa: E402
from cinder.backup.drivers import posix  # noqa: E402
from cinder.volume import volume_utils  # noqa: E402
from oslo_config import cfg  # noqa: E402

SERVICE = 'cinder.backup.drivers.posix.PosixBackupDriver'


class Backup:
    """A row of Cinder's table `backups`, with what the chunked driver uses of it."""

    display_name = None
    display_description = None
    created_at = '2026-01-01 00:00:00+00:00'
    container = None
    service_metadata = None
    object_count = 0
    rows = {}

    def __init__(self, status, **fields):
        self.status = status
        self.__dict__.update(fields)
        Backup.rows[self.id] = self

    @classmethod
    def get_by_id(cls, _context, backup_id):
        return cls.rows[backup_id]

    def __getitem__(self, name):
        return getattr(self, name)

    def save(self):
        pass

    def refresh(self):
        pass

    def as_read_deleted(self):
        return contextlib.nullcontext()


def posix_driver(root, volume_gib, codec=None, object_bytes=None):
    """Cinder's posix driver on the repository `root`. Codec and object size matter only where backups are written."""
    objects.Backup = Backup
    cinder.db.dispose_engine = lambda: None
    cinder.db.volume_get = lambda _context, _volume_id: {'size': volume_gib}
    volume_utils.notify_about_backup_usage = lambda *_args, **_named: None
    config = cfg.CONF
    config([], project='cinder', default_config_files=[])
    if codec:
        config.set_override('backup_compression_algorithm', codec)
    if object_bytes:
        config.set_override('backup_file_size', object_bytes)
    return posix.PosixBackupDriver(None, backup_path=root)
