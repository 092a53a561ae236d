"""Restores one chain with Cinder's own posix driver: restore.py REQUEST, a JSON file as bench/request.ts describes it.

Prints one line of JSON: what was spent on importing Cinder, and inside of the restore.
"""

import time

started = time.monotonic()

import json  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

from surroundings import Backup, posix_driver  # noqa: E402
from eventlet import tpool  # noqa: E402


def main():
    with open(sys.argv[1]) as request_file:
        request = json.load(request_file)
    size_gib = math.ceil(request['sizeBytes'] / 1024**3)
    rows = [Backup('restoring', id=link['id'], volume_id=link['volumeId'], parent_id=link['parentId'], size=size_gib,
                   container=link['container'], service_metadata=link['serviceMetadata'])
            for link in request['chain']]
    driver = posix_driver(request['repository'], size_gib)
    with open(request['target'], 'xb') as volume_file:
        volume_file.truncate(request['sizeBytes'])
    start_seconds = time.monotonic() - started
    report(start_seconds, *timed_restore(driver, rows[0], request['target']))


def timed_restore(driver, leaf, target):
    """As the manager calls it for a new volume, but opened without truncation, which a device knows nothing of."""
    wall, cpu = time.monotonic(), time.process_time()
    with open(target, 'r+b') as volume_file:
        driver.restore(leaf, leaf.volume_id, tpool.Proxy(volume_file), True)
        volume_file.flush()
        # Cinder has synced after each object; this is for zero objects.
        os.fsync(volume_file.fileno())
    return time.monotonic() - wall, time.process_time() - cpu


def report(start_seconds, seconds, cpu_seconds):
    print(json.dumps({'startSeconds': start_seconds, 'seconds': seconds, 'cpuSeconds': cpu_seconds}))


if __name__ == '__main__':
    main()
