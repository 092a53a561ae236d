import { Bandwidth } from '../../src/copy/bandwidth';

const MIB = 1024 ** 2;
const { signal } = new AbortController();

/** Asks for pieces of 64 KiB, one after the other; answers how many milliseconds that took. */
async function timeOf(bandwidth: Bandwidth, bytes: number): Promise<number> {
  const startedMs = performance.now();
  for (let done = 0; done < bytes; done += 65_536) await bandwidth.permit(65_536, signal);
  return performance.now() - startedMs;
}

describe('a bandwidth limit', () => {
  it('lets through no more than its bytes per second', async () => {
    expect(await timeOf(new Bandwidth(8 * MIB), 8 * MIB)).toBeGreaterThan(900);
  });

  it('is shared by all who ask', async () => {
    const bandwidth = new Bandwidth(8 * MIB);
    const times = await Promise.all([timeOf(bandwidth, 4 * MIB), timeOf(bandwidth, 4 * MIB)]);
    expect(Math.max(...times)).toBeGreaterThan(900);
  });

  it('gives what is larger than itself on credit, and lets the next one wait for it', async () => {
    const bandwidth = new Bandwidth(MIB);
    expect(await bandwidth.permit(MIB, signal)).toBe(MIB);
    const startedMs = performance.now();
    await bandwidth.permit(1, signal);
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });

  it('permits more than was asked for where there is none, so that nobody has to ask often', async () => {
    expect(await new Bandwidth(null).permit(1, signal)).toBeGreaterThanOrEqual(MIB);
  });

  it('may be raised while somebody waits', async () => {
    const bandwidth = new Bandwidth(1);
    await bandwidth.permit(1000, signal);
    const waiting = bandwidth.permit(1, signal);
    bandwidth.limit(null);
    expect(await waiting).toBeGreaterThanOrEqual(1);
  });

  it('holds from the moment when it is set', async () => {
    const bandwidth = new Bandwidth(null);
    await bandwidth.permit(1, signal);
    bandwidth.limit(8 * MIB);
    expect(await timeOf(bandwidth, 4 * MIB)).toBeGreaterThan(350);
  });

  it('lets go of those who are cancelled', async () => {
    const bandwidth = new Bandwidth(1);
    await bandwidth.permit(1_000_000, signal);
    const abort = new AbortController();
    const waiting = bandwidth.permit(1, abort.signal);
    const reason = new Error('cancelled by the test');
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
