import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { identifyProcess, isAlive } from '../../src/local/process-identity';
import { eventually } from '../support/eventually';

/** Its first thread ends, and another one stays: what the kernel shows of a process that was killed until its last thread is gone. */
const LEAVES_A_THREAD = `
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(60), daemon=True).start()
print('ready', flush=True)
ctypes.CDLL(None).pthread_exit(None)
`;

function isZombie(pid: number): boolean {
  return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

describe('a process that has become a zombie', () => {
  it('is alive as long as one of its threads is, which still holds its ports', async () => {
    const child = spawn('python3', ['-c', LEAVES_A_THREAD], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      const identity = await identifyProcess(child.pid!);
      await eventually(async () => (isZombie(child.pid!) ? true : null));
      expect(await isAlive(identity!)).toBe(true);
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    expect(await identifyProcess(child.pid!)).toBeNull();
  });
});
