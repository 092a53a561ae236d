"""Content of volumes: the same for the same parameters on every machine, and fast to make."""

import numpy

PAGE_BYTES = 4096
BLOCK_BYTES = 32768
BLOCK_PAGES = BLOCK_BYTES // PAGE_BYTES
BANK_BYTES = 64 * 1024**2
PIECE_BLOCKS = 1024

# Pages of these kinds; about what a disk with a system, its logs, and some media holds.
ZERO, TEXT, BINARY, RANDOM = range(4)
SHARES = (0.04, 0.32, 0.31, 0.33)

# Share of the volume that holds anything, in runs; and the share that each increment rewrites, within those runs: an empty
# volume stays one.
USED_SHARE = {'data': 0.92, 'zeros': 0.05}
USED_RUN_BLOCKS = {'data': (256, 2048), 'zeros': (16, 256)}
CHANGED_SHARE = {'data': 0.03, 'zeros': 0.003}
CHANGED_RUN_BLOCKS = (1, 64)
ZEROED_RUNS = 0.15


class VolumeData:
    """One volume in its states: state 0 is the full backup's, each later one the next increment's."""

    def __init__(self, data, size_bytes):
        self.data = data
        self.blocks = size_bytes // BLOCK_BYTES
        rng = numpy.random.default_rng(1)
        self.banks = {TEXT: _windows(_text(rng)), BINARY: _windows(_binary(rng))}
        self.used = self._used_runs()

    def write_state(self, index, volume_file):
        """Turns the file from state `index - 1` into state `index`; an empty one into state 0."""
        rng = numpy.random.default_rng(1000 + index)
        runs = self.used if index == 0 else self._changed_runs(rng)
        for start, count in runs:
            is_zeroed = index > 0 and rng.random() < ZEROED_RUNS
            for first in range(start, start + count, PIECE_BLOCKS):
                blocks = min(PIECE_BLOCKS, start + count - first)
                volume_file.seek(first * BLOCK_BYTES)
                volume_file.write(bytes(blocks * BLOCK_BYTES) if is_zeroed else self._pages(rng, blocks))

    def _used_runs(self):
        """Runs with gaps between them, from one end of the volume to the other."""
        rng = numpy.random.default_rng(2)
        runs, at = [], 0
        while at < self.blocks:
            count = min(_log_uniform(rng, USED_RUN_BLOCKS[self.data]), self.blocks - at)
            runs.append((at, count))
            at += round(count / USED_SHARE[self.data])
        return runs

    def _changed_runs(self, rng):
        return _scatter(rng, self.used, max(1, int(self.blocks * CHANGED_SHARE[self.data])), CHANGED_RUN_BLOCKS)

    def _pages(self, rng, blocks):
        count = blocks * BLOCK_PAGES
        pages = numpy.zeros((count, PAGE_BYTES), dtype=numpy.uint8)
        kinds = rng.choice(4, size=count, p=SHARES)
        for kind, bank in self.banks.items():
            chosen = numpy.flatnonzero(kinds == kind)
            pages[chosen] = bank[rng.integers(0, len(bank), size=len(chosen))]
        chosen = numpy.flatnonzero(kinds == RANDOM)
        random = numpy.frombuffer(rng.bytes(len(chosen) * PAGE_BYTES), dtype=numpy.uint8)
        pages[chosen] = random.reshape(len(chosen), PAGE_BYTES)
        return pages.tobytes()


def _scatter(rng, areas, wanted_blocks, lengths):
    """Runs of random place and length within the areas. They may overlap."""
    starts = numpy.cumsum([0] + [count for _start, count in areas])
    runs = []
    while wanted_blocks > 0:
        count = min(wanted_blocks, _log_uniform(rng, lengths))
        at = int(rng.integers(0, starts[-1]))
        area = int(numpy.searchsorted(starts, at, side='right')) - 1
        start = areas[area][0] + at - int(starts[area])
        runs.append((start, min(count, areas[area][0] + areas[area][1] - start)))
        wanted_blocks -= runs[-1][1]
    return runs


def _log_uniform(rng, bounds):
    return int(numpy.exp(rng.uniform(*numpy.log(bounds))))


def _windows(bank):
    """A bank's pages, beginning at any byte, so that the same page hardly comes twice within a codec's window."""
    return numpy.lib.stride_tricks.sliding_window_view(bank, PAGE_BYTES)


def _text(rng):
    """Words with the frequencies of a language (Zipf's law)."""
    letters = numpy.frombuffer(b'etaoinshrdlucmfwypvbgk', dtype=numpy.uint8)
    lengths = rng.integers(2, 11, size=20000)
    vocabulary = [bytes(rng.choice(letters, size=length)) + b' ' for length in lengths]
    ranks = rng.zipf(1.3, size=BANK_BYTES // 5) % len(vocabulary)
    text = b''.join([vocabulary[rank] for rank in ranks])
    repeated = text * (BANK_BYTES // len(text) + 1)
    return numpy.frombuffer(repeated[:BANK_BYTES], dtype=numpy.uint8)


def _binary(rng):
    """Records of four words: a counter, a small number, flags, and a noisy address."""
    count = BANK_BYTES // 16
    records = numpy.empty((count, 4), dtype='<u4')
    records[:, 0] = numpy.arange(count)
    records[:, 1] = rng.geometric(0.01, size=count)
    records[:, 2] = 1 << rng.integers(0, 8, size=count)
    records[:, 3] = 0x7F000000 + rng.integers(0, 2**20, size=count)
    return records.view(numpy.uint8).reshape(-1)
