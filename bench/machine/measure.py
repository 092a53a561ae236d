"""Runs a command and measures it with everything it starts: measure.py RESULT COMMAND...

Writes to RESULT: wall time, CPU time of all its processes and threads, and the peak of what they held in memory at the same
moment. Exits as the command does.
"""

import ctypes
import json
import os
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_SECONDS = 0.05
PAGE_BYTES = os.sysconf('SC_PAGE_SIZE')


def main():
    result_path, command = sys.argv[1], sys.argv[2:]
    # Grandchildren that outlive their parent come to us, so that their CPU time is counted too.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    peak = Peak(pid)
    _pid, status, usage = os.wait4(pid, 0)
    wall_seconds = time.monotonic() - started
    usages = [usage, *orphans()]
    with open(result_path, 'w') as result_file:
        json.dump({'wallSeconds': wall_seconds,
                   'cpuSeconds': sum(each.ru_utime + each.ru_stime for each in usages),
                   'peakBytes': max(peak.stop(), *(each.ru_maxrss * 1024 for each in usages))}, result_file)
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


def orphans():
    while True:
        try:
            yield os.wait4(-1, 0)[2]
        except ChildProcessError:
            return


class Peak:
    """The kernel keeps the peak of each process; that of the whole family has to be sampled."""

    def __init__(self, pid):
        self.pid, self.bytes, self.stopped = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.sample, daemon=True)
        self.thread.start()

    def sample(self):
        while not self.stopped.wait(SAMPLE_SECONDS):
            self.bytes = max(self.bytes, sum(resident(pid) for pid in family(self.pid)))

    def stop(self):
        self.stopped.set()
        self.thread.join()
        return self.bytes


def family(pid):
    yield pid
    try:
        for thread in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{thread}/children') as children:
                for child in children.read().split():
                    yield from family(int(child))
    except OSError:
        # It has ended meanwhile.
        return


def resident(pid):
    try:
        with open(f'/proc/{pid}/statm') as statm:
            return int(statm.read().split()[1]) * PAGE_BYTES
    except OSError:
        return 0


if __name__ == '__main__':
    main()
