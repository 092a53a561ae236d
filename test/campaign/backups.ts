import { createHash } from 'node:crypto';
import type { BackupLink } from '../../src/domain/backup';
import { writeChain } from '../fuzz/cinder-writer';
import type { LinkToWrite } from '../fuzz/cinder-writer';
import { diceOf } from '../fuzz/dice';
import type { Dice } from '../fuzz/dice';
import { loadEncoders } from '../fuzz/encoders';
import type { CodecOfCinder, Encoders } from '../fuzz/encoders';
import { POSIX_SERVICE } from '../support/posix-layout';

const MIB = 1024 ** 2;
const KIB = 1024;

/** A backup as the campaign restores it: what must stand on the volume afterwards is known. */
export interface CampaignBackup {
  readonly name: string;
  /** The chain, leaf first. */
  readonly links: readonly BackupLink[];
  readonly id: string;
  /** Of the image. */
  readonly sha256: string;
  readonly bytes: number;
}

interface Plan {
  readonly codec: CodecOfCinder;
  readonly mib: number;
  readonly objectMib: number;
  /** Backups in the chain. */
  readonly links: number;
}

const SMALL: readonly Plan[] = [
  { codec: 'none', mib: 4, objectMib: 1, links: 3 },
  { codec: 'zlib', mib: 6, objectMib: 1, links: 3 },
  { codec: 'bz2', mib: 4, objectMib: 1, links: 2 },
  { codec: 'zstd', mib: 8, objectMib: 2, links: 4 },
];
const SHORT: readonly Plan[] = [
  ...SMALL,
  { codec: 'none', mib: 64, objectMib: 8, links: 1 },
  { codec: 'zlib', mib: 64, objectMib: 8, links: 1 },
];
const LONG: readonly Plan[] = [
  ...SMALL,
  { codec: 'none', mib: 256, objectMib: 32, links: 1 },
  { codec: 'zlib', mib: 256, objectMib: 16, links: 2 },
  { codec: 'zstd', mib: 320, objectMib: 32, links: 1 },
  { codec: 'bz2', mib: 48, objectMib: 8, links: 1 },
];

/** Writes the backups of a campaign with the writer that shares no code with the reader. */
export async function writeBackups(root: string, length: 'short' | 'long', seed: number): Promise<CampaignBackup[]> {
  const encoders = await loadEncoders();
  const dice = diceOf(seed);
  const plans = length === 'short' ? SHORT : LONG;
  return plans.map((plan) => writeOne(root, plan, dice, encoders));
}

function writeOne(root: string, plan: Plan, dice: Dice, encoders: Encoders): CampaignBackup {
  const states: Buffer[] = [];
  for (let index = 0; index < plan.links; index += 1) states.push(nextState(dice, plan.mib * MIB, states.at(-1)));
  const links = states.map((state) => linkOf(dice, plan, state));
  const written = writeChain({ root, volumeId: uuid(dice), blockBytes: 32 * KIB, links }, encoders);
  const rows = written.map(({ row }) => row).reverse();
  const [leaf] = rows;
  const last = states.at(-1)!;
  return {
    name: `${plan.codec} ${plan.mib} MiB${plan.links > 1 ? `, ${plan.links} links` : ''}`,
    links: rows,
    id: leaf!.id,
    sha256: createHash('sha256').update(last).digest('hex'),
    bytes: last.length,
  };
}

/** No block is zero, so that what has been copied can be told by the blocks that a file has. */
function nextState(dice: Dice, bytes: number, older?: Buffer): Buffer {
  const state = older ? Buffer.from(older) : Buffer.alloc(bytes);
  const share = older ? 8 : 1;
  for (let at = older ? dice.between(0, 7) * MIB : 0; at < bytes; at += share * MIB) {
    const noise = dice.noise(MIB / 2);
    noise.copy(state, at);
    state.fill(dice.noise(64), at + MIB / 2, Math.min(at + MIB, bytes));
  }
  return state;
}

function linkOf(dice: Dice, { codec, objectMib }: Plan, state: Buffer): LinkToWrite {
  const id = uuid(dice);
  return {
    id,
    state,
    objectBytes: objectMib * MIB,
    codec,
    level: 1,
    compression: { compressed: codec, raw: 'none' },
    container: `${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`,
    service: POSIX_SERVICE,
    firstNumber: 1,
    withSha256File: true,
    md5: 'lower',
    backupName: null,
    volumeMeta: null,
  };
}

function uuid(dice: Dice): string {
  const hex = dice.noise(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
