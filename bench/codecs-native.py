"""Makes samples for bench/codecs.ts in the folder it is given, and measures how fast Python's native decoders read them.

zstd needs the package `zstandard`; `isal`, `zlib_ng` and `deflate` are measured where they are installed.
"""

import bz2
import importlib
import os
import random
import sys
import time
import zlib

MIB = 1 << 20
SIZE = 16 * MIB
ROUNDS = 3


def text():
    """Source files, as they lie on a disk."""
    out = bytearray()
    for folder, folders, files in os.walk("node_modules"):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".js", ".d.ts", ".md")) and len(out) < SIZE:
                with open(os.path.join(folder, name), "rb") as file:
                    out += file.read(400_000)
    return bytes(out[:SIZE])


def logs():
    """Lines that differ in a few digits."""
    out, count = bytearray(), 0
    while len(out) < SIZE:
        count += random.randrange(40)
        out += b"2026-05-01 12:%02d:%02d.%03d INFO cinder.backup.chunkeddriver [req-%x] Stored chunk %d of %d\n" % (
            count // 60 % 60, count % 60, random.randrange(1000), random.randrange(1 << 32), count, count * 7)
    return bytes(out[:SIZE])


def noise():
    """Hardly compressible: pictures, archives, encrypted files."""
    return random.randbytes(SIZE)


def mixed(parts):
    """A volume: pieces of all of these, and free space."""
    sources = [*parts, bytes(SIZE)]
    return b"".join(random.choice(sources)[at : at + 65536] for at in range(0, SIZE, 65536))


def optional(name, decode):
    try:
        return decode(importlib.import_module(name))
    except ImportError:
        return None


def speed(decode, stored):
    """MB of output in a second of processor time, the median of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        assert len(decode(stored)) == SIZE
        times.append(time.process_time() - start)
    return SIZE / 1e6 / sorted(times)[ROUNDS // 2]


def main(folder):
    random.seed(1)
    os.makedirs(folder, exist_ok=True)
    samples = {"text": text(), "logs": logs(), "noise": noise()}
    samples["mixed"] = mixed(list(samples.values()))
    encoders = {
        "zlib": zlib.compress,
        "bz2": bz2.compress,
        "zstd": optional("zstandard", lambda module: module.ZstdCompressor(3).compress),
    }
    decoders = [
        ("zlib", "zlib", zlib.decompress),
        ("zlib", "isal", optional("isal.isal_zlib", lambda module: module.decompress)),
        ("zlib", "zlib-ng", optional("zlib_ng.zlib_ng", lambda module: module.decompress)),
        ("zlib", "libdeflate", optional("deflate", lambda module: lambda stored: module.zlib_decompress(stored, SIZE))),
        ("bz2", "libbz2", bz2.decompress),
        ("zstd", "libzstd", optional("zstandard", lambda module: lambda stored: module.decompress(stored))),
    ]
    stored = {}
    for codec, encode in encoders.items():
        for name, data in samples.items() if encode else []:
            stored[codec, name] = encode(data)
            with open(os.path.join(folder, f"{name}.{codec}"), "wb") as file:
                file.write(stored[codec, name])
    print("MB/s per core".ljust(24), *(name.rjust(7) for name in samples))
    for codec, library, decode in decoders:
        if decode and (codec, "text") in stored:
            figures = (round(speed(decode, stored[codec, name])) for name in samples)
            print(f"{codec} by {library}".ljust(24), *(str(figure).rjust(7) for figure in figures), flush=True)


main(sys.argv[1])
