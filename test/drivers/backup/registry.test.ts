import { Refusal } from '../../../src/domain/errors';
import { openBackupDrivers } from '../../../src/drivers/backup/registry';

describe('the backup drivers', () => {
  it.each([
    'cinder.backup.drivers.posix.PosixBackupDriver',
    'cinder.backup.drivers.nfs.NFSBackupDriver',
    'cinder.backup.drivers.glusterfs.GlusterfsBackupDriver',
    'cinder.backup.drivers.posix',
    'cinder.backup.drivers.nfs',
    'cinder.backup.drivers.glusterfs',
  ])('read backups of %s from a posix repository (F-18)', (service) => {
    const drivers = openBackupDrivers([{ driver: 'posix', path: '/srv/backups' }]);

    expect(drivers.driverFor(service).serves(service)).toBe(true);
  });

  it.each([
    'cinder.backup.drivers.swift.SwiftBackupDriver',
    'cinder.backup.drivers',
    'cinder.backup.drivers.posixlike',
    '',
  ])('refuse backups of "%s", which they cannot read, and say what is configured', (service) => {
    const drivers = openBackupDrivers([{ driver: 'posix', path: '/srv/backups' }]);

    expect(() => drivers.driverFor(service)).toThrow(
      new Refusal(
        'BackupUnreadable',
        `No repository here serves backups of ${service} (configured: posix at /srv/backups).`,
      ),
    );
  });

  it('say so if nothing is configured', () => {
    expect(() => openBackupDrivers([]).driverFor('cinder.backup.drivers.posix')).toThrow('(configured: none)');
  });
});
