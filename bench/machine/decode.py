"""How fast this machine decodes and hashes what a restore needs, at best: decode.py REQUEST, as bench/request.ts describes it.

One pass over the objects that the final image needs, by the fastest decoder there is for each codec, on all cores, with one
object per core at most; SHA-256 of each 32 KiB block of data that is in the final image. Nothing is written. Prints the time
without the start of the processes.
"""

import bz2
import hashlib
import json
import multiprocessing
import os
import sys
import time

import numpy
import zstandard
from isal import igzip_lib

BLOCK_BYTES = 32768
PIECE_BYTES = 1024**2
READ_BYTES = 256 * 1024
ZERO_HASH = hashlib.sha256(bytes(BLOCK_BYTES)).hexdigest()


def main():
    with open(sys.argv[1]) as request_file:
        request = json.load(request_file)
    tasks = needed_objects(request['repository'], request['chain'])
    # The largest first, so that no core is left with it at the end.
    tasks.sort(key=lambda task: -task[3])
    workers = max(1, min(len(tasks), os.cpu_count()))
    with multiprocessing.Pool(workers) as pool:
        pool.map(abs, range(workers * 4))
        started = time.monotonic()
        hashed = sum(pool.imap_unordered(decode, tasks))
        seconds = time.monotonic() - started
    print(json.dumps({'seconds': seconds, 'objects': len(tasks), 'workers': workers, 'hashedBytes': hashed}))


def needed_objects(root, chain):
    """Of each object with a block in the final image: its path, codec, which of its blocks those are, and its length."""
    prefixes = [os.path.join(root, link['container'], link['serviceMetadata']) for link in chain]
    with open(f'{prefixes[0]}_sha256file') as sha256_file:
        hashes = json.load(sha256_file)['sha256s']
    is_missing = numpy.array([each != ZERO_HASH for each in hashes])
    tasks = []
    for prefix in prefixes:
        with open(f'{prefix}_metadata') as metadata_file:
            listed = json.load(metadata_file)['objects']
        for name, entry in (pair for each in listed for pair in each.items()):
            first = entry['offset'] // BLOCK_BYTES
            blocks = slice(first, first + -(-entry['length'] // BLOCK_BYTES))
            if is_missing[blocks].any():
                path = os.path.join(os.path.dirname(prefix), name)
                tasks.append((path, entry['compression'], is_missing[blocks].copy(), entry['length']))
                is_missing[blocks] = False
    return tasks


def decode(task):
    path, codec, is_live, _length = task
    with open(path, 'rb', buffering=0) as object_file:
        if codec == 'none':
            return hash_live(object_file, is_live)
        return hash_pieces(pieces_of(object_file, codec), is_live)


def hash_live(object_file, is_live):
    """Objects that aren't compressed needn't be read as a whole."""
    block = memoryview(bytearray(BLOCK_BYTES))
    hashed = 0
    for index in numpy.flatnonzero(is_live):
        object_file.seek(int(index) * BLOCK_BYTES)
        count = object_file.readinto(block)
        hashlib.sha256(block[:count]).digest()
        hashed += count
    return hashed


def hash_pieces(pieces, is_live):
    hashed, rest = 0, b''
    live = iter(is_live)
    for piece in pieces:
        data = memoryview(piece)
        missing = (BLOCK_BYTES - len(rest)) % BLOCK_BYTES
        if rest:
            rest += bytes(data[:missing])
            if len(rest) < BLOCK_BYTES:
                continue
            hashed += hash_block(rest, next(live))
        end = len(data) - (len(data) - missing) % BLOCK_BYTES
        for start in range(missing, end, BLOCK_BYTES):
            hashed += hash_block(data[start:start + BLOCK_BYTES], next(live))
        rest = bytes(data[end:])
    return hashed + (hash_block(rest, next(live)) if rest else 0)


def hash_block(block, is_live):
    if not is_live:
        return 0
    hashlib.sha256(block).digest()
    return len(block)


def pieces_of(object_file, codec):
    if codec == 'zstd':
        yield from zstandard.ZstdDecompressor().read_to_iter(object_file, READ_BYTES, PIECE_BYTES)
    else:
        yield from decompress(object_file, bz2.BZ2Decompressor() if codec == 'bz2' else zlib_decompressor())


def zlib_decompressor():
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)


def decompress(object_file, decompressor):
    """In pieces that stay in the processor's cache until they are hashed."""
    while not decompressor.eof:
        stored = object_file.read(READ_BYTES) if decompressor.needs_input else b''
        yield decompressor.decompress(stored, PIECE_BYTES)


if __name__ == '__main__':
    main()
