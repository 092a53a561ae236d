import path from 'node:path';
import { noisyTarget, zeroedTarget } from '../copy/memory-target';
import { makeBombs } from './bombs';
import type { BombOf } from './bombs';
import { someChain } from './chain-case';
import { writeChain } from './cinder-writer';
import type { WrittenLink } from './cinder-writer';
import { DAMAGED_HASHES } from './damage-hashes';
import { DAMAGED_METADATA } from './damage-metadata';
import { DAMAGED_OBJECTS } from './damage-objects';
import { DAMAGED_ROWS } from './damage-rows';
import { diceOf } from './dice';
import { loadEncoders } from './encoders';
import type { Encoders } from './encoders';
import { peakOf } from './peak';
import { restoreTo } from './restore-to';
import { checkCases, requestedRun } from './run';
import type { Damage, Scene } from './scene';

const TITLE = 'a damaged chain is refused, or restored as if nothing had happened';
const MIB = 1024 ** 2;
const DAMAGES = [...DAMAGED_OBJECTS, ...DAMAGED_METADATA, ...DAMAGED_HASHES, ...DAMAGED_ROWS];
/** The bombs hold more. */
const MOST_GROWTH_BYTES = 400 * MIB;

describe('the fuzzer', () => {
  const run = requestedRun(2000);
  let encoders: Encoders;
  let bombs: BombOf;
  beforeAll(async () => {
    encoders = await loadEncoders();
    bombs = await makeBombs(encoders);
  });

  it(
    TITLE,
    async () => {
      const outcomes = new Map<string, number>();
      const growthBytes = await peakOf(() =>
        checkCases(TITLE, run, async (seed, folder) => {
          const outcome = await damageOne(seed, folder);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }),
      );
      const counts = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
      process.stdout.write(`fuzz: ${counts}; at most ${Math.round(growthBytes / MIB)} MiB more than at first\n`);
      expect(growthBytes).toBeLessThan(MOST_GROWTH_BYTES);
    },
    run.timeoutMs,
  );

  async function damageOne(seed: number, folder: string): Promise<string> {
    const dice = diceOf(seed + 0xda3a6e);
    const root = path.join(folder, 'repository');
    const links = someProvenLinks(seed, root);
    const rows = links.map(({ row }) => ({ ...row })).reverse();
    const scene: Scene = { dice, links, rows, fileOutside: path.join(folder, 'outside'), bombs };
    const damage = someDamage(scene);
    try {
      return await outcomeOf(scene, root);
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`With ${damage.title}: ${what}`, { cause: error });
    }
  }

  /** Of a backup that nothing proves, nothing can be expected. */
  function someProvenLinks(seed: number, root: string): WrittenLink[] {
    const chain = someChain(seed, root);
    const plans = chain.links.slice(0, 8);
    const isHashed = plans.at(-1)!.withSha256File;
    const proven = plans.map((link) => (isHashed || link.md5 !== 'absent' ? link : { ...link, md5: 'lower' as const }));
    return writeChain({ ...chain, links: proven }, encoders);
  }
});

/** Inflicts it, too. */
function someDamage(scene: Scene): Damage {
  const isHashed = scene.links.at(-1)!.withSha256File;
  for (;;) {
    const damage = scene.dice.pick(DAMAGES);
    if ((isHashed || damage.needsHashes !== true) && damage.inflict(scene)) return damage;
  }
}

async function outcomeOf({ dice, links, rows }: Scene, root: string): Promise<'restored' | 'refused' | 'too large'> {
  const { state } = links.at(-1)!;
  const target = dice.pick([zeroedTarget, noisyTarget])(state.length + dice.between(0, 5000));
  try {
    await restoreTo({ root, chain: rows, target });
  } catch (error) {
    return refusalOf(error, links);
  }
  if (!target.bytes.equals(Buffer.concat([state], target.bytes.length)))
    throw new Error('Restored, to the wrong bytes');
  return 'restored';
}

function refusalOf(error: unknown, links: readonly WrittenLink[]): 'refused' | 'too large' {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const ids = ['older', ...links.map(({ row }) => row.id)].join('|');
  if (code === 'BackupDamaged' && isPrintable(message) && new RegExp(`^Backup (${ids}) is damaged: `).test(message)) {
    return 'refused';
  }
  // What the damaged backup claims to be may be larger than the volume (F-6).
  if (code === 'InvalidVolume' && isPrintable(message) && / does not fit on a volume of /.test(message))
    return 'too large';
  throw error;
}

/** As it must be for a row, a log line and a terminal. */
function isPrintable(message: unknown): message is string {
  return typeof message === 'string' && message.length < 2000 && !/[\p{Cc}\p{Surrogate}]/u.test(message);
}
