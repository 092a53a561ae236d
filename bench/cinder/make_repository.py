"""Writes a backup chain with Cinder's own posix driver, or continues the one that is there.

    make_repository.py FOLDER --codec zlib --data data --gib 2 --object-bytes 52428800 --links 30

A chain of 30 links holds those of 1 and 8 links. `manifest.json` lists what is complete, oldest link first, so that a run
that was killed is taken up again at the link where it ended.
"""

import argparse
import hashlib
import json
import math
import os
import shutil
import time
import uuid

from surroundings import Backup, SERVICE, posix_driver
from eventlet import tpool
from volume_data import BLOCK_BYTES, VolumeData

# Changes whenever the content or the layout does: older repositories are then made anew.
VERSION = 1
PIECE_BYTES = 64 * BLOCK_BYTES
NAMESPACE = uuid.UUID('7d1c9f0e-3a55-4d0c-9d9c-0f6a3c1b2e11')


def main():
    options = read_options()
    parameters = {'version': VERSION, 'codec': options.codec, 'data': options.data, 'gib': options.gib,
                  'objectBytes': options.object_bytes}
    manifest = open_manifest(options.folder, parameters)
    if len(manifest['links']) < options.links:
        write_links(options, manifest)


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument('folder')
    parser.add_argument('--codec', required=True)
    parser.add_argument('--data', required=True)
    parser.add_argument('--gib', type=float, required=True)
    parser.add_argument('--object-bytes', type=int, required=True)
    parser.add_argument('--links', type=int, required=True)
    return parser.parse_args()


def open_manifest(folder, parameters):
    try:
        with open(os.path.join(folder, 'manifest.json')) as manifest_file:
            manifest = json.load(manifest_file)
        if manifest['parameters'] == parameters:
            return manifest
    except FileNotFoundError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return {'parameters': parameters, 'links': []}


def write_links(options, manifest):
    size_bytes = int(options.gib * 1024**3)
    content = VolumeData(options.data, size_bytes)
    driver = posix_driver(options.folder, math.ceil(options.gib), options.codec, options.object_bytes)
    for link in manifest['links']:
        stored_row(link, math.ceil(options.gib))
    volume_path = os.path.join(options.folder, 'volume')
    with open(volume_path, 'w+b') as volume_file:
        volume_file.truncate(size_bytes)
        for index in range(options.links):
            content.write_state(index, volume_file)
            volume_file.flush()
            if index >= len(manifest['links']):
                manifest['links'].append(write_link(driver, options, manifest['links'], volume_path))
                save_manifest(options.folder, manifest)
    os.remove(volume_path)


def stored_row(link, size):
    return Backup('available', id=link['id'], volume_id=link['volumeId'], parent_id=link['parentId'], size=size,
                  container=link['container'], service_metadata=link['serviceMetadata'])


def write_link(driver, options, links, volume_path):
    started = time.monotonic()
    name = f'{options.codec} {options.data} {options.gib:g} {options.object_bytes}'
    backup_id = str(uuid.uuid5(NAMESPACE, f'{name} {len(links)}'))
    # Of a run that was killed.
    shutil.rmtree(os.path.join(options.folder, backup_id[0:2], backup_id[2:4], backup_id), ignore_errors=True)
    backup = Backup('creating', id=backup_id, volume_id=str(uuid.uuid5(NAMESPACE, name)),
                    parent_id=links[-1]['id'] if links else None, size=math.ceil(options.gib))
    with open(volume_path, 'rb') as volume_file:
        # The proxy as in Cinder's manager; no volume metadata, which is in the database that isn't there.
        driver.backup(backup, tpool.Proxy(volume_file), backup_metadata=False)
    sha256, data_bytes = examine(volume_path)
    print(f'{name}: link {len(links) + 1} of {options.links}, {backup.object_count} objects, '
          f'{time.monotonic() - started:.1f} s', flush=True)
    return {'id': backup.id, 'parentId': backup.parent_id, 'volumeId': backup.volume_id, 'sizeGib': options.gib,
            'service': SERVICE, 'container': backup.container, 'serviceMetadata': backup.service_metadata,
            'objectCount': backup.object_count, 'sha256': sha256, 'dataBytes': data_bytes}


def examine(volume_path):
    """The image's SHA-256, and how many bytes are in blocks that aren't all zero."""
    digest, data_bytes, zeros = hashlib.sha256(), 0, bytes(BLOCK_BYTES)
    with open(volume_path, 'rb') as volume_file:
        while piece := volume_file.read(PIECE_BYTES):
            digest.update(piece)
            # Of bytes, not of a memoryview, which compares them one by one.
            data_bytes += sum(BLOCK_BYTES for at in range(0, len(piece), BLOCK_BYTES)
                              if piece[at:at + BLOCK_BYTES] != zeros)
    return digest.hexdigest(), data_bytes


def save_manifest(folder, manifest):
    path = os.path.join(folder, 'manifest.json')
    with open(f'{path}.new', 'w') as manifest_file:
        json.dump(manifest, manifest_file, indent=1)
    os.rename(f'{path}.new', path)


if __name__ == '__main__':
    main()
