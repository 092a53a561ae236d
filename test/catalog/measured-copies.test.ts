import { estimateOf, REMEMBERED_COPIES } from '../../src/domain/measured-copy';
import type { MeasuredCopy } from '../../src/domain/measured-copy';
import { acceptFromBackup, openTestCatalog, times } from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
beforeAll(async () => {
  opened = await openTestCatalog();
});
afterAll(() => opened.close());

const KIND = { poolName: 'a@files#pool', mode: 'copy', codec: 'zlib', readBack: false } as const;

/** A volume is complete, and what its copy took is noted. */
async function complete(measured: MeasuredCopy): Promise<() => Promise<unknown>> {
  const { volume, backupId } = await acceptFromBackup(opened.catalog);
  const { epoch } = await opened.catalog.beginWriting(volume.id, { maxGapMs: 1000 });
  const written = { epoch, backupId, measured };
  const call = () => opened.catalog.completeVolume({ volumeId: volume.id, written });
  await call();
  return call;
}

describe('what copies took', () => {
  it('is remembered once for each volume, of each kind apart, and none of one that moved nothing', async () => {
    const again = await complete({ ...KIND, copiedBytes: 3000, elapsedMs: 1000 });
    await again();
    await complete({ ...KIND, copiedBytes: 1000, elapsedMs: 1000 });
    await complete({ ...KIND, copiedBytes: 0, elapsedMs: 5000 });
    await complete({ ...KIND, codec: 'bz2', copiedBytes: 1, elapsedMs: 1000 });
    const measured = await opened.catalog.measuredCopies(KIND);
    expect(measured).toEqual({ copies: 2, copiedBytes: 4000, elapsedMs: 2000 });
    expect(estimateOf(10_000, measured)).toEqual({ seconds: 5, bytesPerSecond: 2000, copies: 2 });
    const never = await opened.catalog.measuredCopies({ ...KIND, mode: 'native' });
    expect([never, estimateOf(1, never)]).toEqual([{ copies: 0, copiedBytes: 0, elapsedMs: 0 }, null]);
  });

  it('is forgotten when enough newer ones are known', async () => {
    const kind = { ...KIND, poolName: 'b@files#pool' };
    await complete({ ...kind, copiedBytes: 1e9, elapsedMs: 1 });
    await Promise.all(times(REMEMBERED_COPIES, () => complete({ ...kind, copiedBytes: 10, elapsedMs: 20 })));
    expect(await opened.catalog.measuredCopies(kind)).toEqual({
      copies: REMEMBERED_COPIES,
      copiedBytes: 10 * REMEMBERED_COPIES,
      elapsedMs: 20 * REMEMBERED_COPIES,
    });
    await complete({ ...kind, copiedBytes: 10, elapsedMs: 20 });
    const rows = await opened.database.query('select * from measured_copies where pool_name = $1', [kind.poolName]);
    expect(rows).toHaveLength(REMEMBERED_COPIES);
  });
});
