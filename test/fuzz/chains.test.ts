import { noisyTarget, zeroedTarget, MemoryTarget } from '../copy/memory-target';
import { someChain } from './chain-case';
import { writeChain } from './cinder-writer';
import type { WrittenLink } from './cinder-writer';
import { diceOf } from './dice';
import type { Dice } from './dice';
import { loadEncoders } from './encoders';
import type { Encoders } from './encoders';
import { neededObjects } from './needed';
import { restoreInterrupted, restoreTo } from './restore-to';
import { checkCases, requestedRun } from './run';

const TITLE = 'any chain is restored at every link';
/** Of a long chain, as many as this: each restore reads the metadata of all that is older. */
const MOST_LINKS = 8;

describe('the fuzzer', () => {
  const run = requestedRun(2000);
  let encoders: Encoders;
  beforeAll(async () => {
    encoders = await loadEncoders();
  });

  it(
    TITLE,
    () =>
      checkCases(TITLE, run, async (seed, root) => {
        const links = writeChain(someChain(seed, root), encoders);
        const dice = diceOf(seed + 0x5eed);
        for (const leaf of someIndices(dice, links.length)) await checkLink(dice, root, links.slice(0, leaf + 1));
      }),
    run.timeoutMs,
  );
});

function someIndices(dice: Dice, count: number): number[] {
  if (count <= MOST_LINKS) return Array.from({ length: count }, (_, index) => index);
  return [...Array.from({ length: MOST_LINKS - 1 }, () => dice.between(0, count - 2)), count - 1];
}

/** @param links oldest first */
async function checkLink(dice: Dice, root: string, links: readonly WrittenLink[]): Promise<void> {
  const { state, withSha256File, row } = links.at(-1)!;
  const chain = links.map((link) => link.row).reverse();
  const target = someTarget(dice, state.length + dice.pick([0, 1, 511, 4096, dice.between(0, 100_000)]));
  const isVerifiable = withSha256File || neededObjects(links).every(({ md5 }) => md5 !== undefined);
  if (!isVerifiable) await expectRefusal(restoreTo({ root, chain, target }), row.id);
  const options = { root, chain, target, allowUnverified: !isVerifiable };
  if (dice.chance(10)) await restoreInterrupted(options, { atWrite: dice.between(1, 6) });
  else await restoreTo(options);
  requireContent(target.bytes, state, row.id);
}

/** Zeros that are known to be there, zeros of which nobody knows, and what an earlier owner left (W-2). */
function someTarget(dice: Dice, sizeBytes: number): MemoryTarget {
  const kinds = [zeroedTarget, (bytes: number) => new MemoryTarget(Buffer.alloc(bytes)), noisyTarget, noisyTarget];
  return dice.pick(kinds)(sizeBytes);
}

async function expectRefusal(restore: Promise<void>, backupId: string): Promise<void> {
  const refusal: unknown = await restore.then(
    () => `Backup ${backupId} was restored, though nothing proves it`,
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({
    code: 'BackupDamaged',
    message: expect.stringContaining('has neither a SHA-256 nor an MD5'),
  });
}

function requireContent(found: Buffer, state: Buffer, backupId: string): void {
  const expected = Buffer.concat([state], found.length);
  if (found.equals(expected)) return;
  const at = found.findIndex((byte, index) => byte !== expected[index]);
  throw new Error(`Backup ${backupId}: byte ${at} of ${state.length} is ${found[at]!}, expected ${expected[at]!}`);
}
