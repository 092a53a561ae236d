import type { ChainToWrite, LinkToWrite } from './cinder-writer';
import { diceOf } from './dice';
import type { Dice } from './dice';
import type { CodecOfCinder } from './encoders';
import { someStates } from './states';

const KIB = 1024;
/** F-4: every name that Cinder takes for a codec. */
const ALIASES: Readonly<Record<CodecOfCinder, readonly string[]>> = {
  none: ['none', 'off', 'no'],
  zlib: ['zlib', 'gzip'],
  bz2: ['bz2', 'bzip2'],
  zstd: ['zstd'],
};
const CODECS = ['none', 'zlib', 'bz2', 'zstd'] as const;
/** F-11 to F-13, and F-18: what rows from before Queens say. */
const SERVICES = [
  'cinder.backup.drivers.posix.PosixBackupDriver',
  'cinder.backup.drivers.nfs.NFSBackupDriver',
  'cinder.backup.drivers.glusterfs.GlusterfsBackupDriver',
  'cinder.backup.drivers.posix',
  'cinder.backup.drivers.nfs',
  'cinder.backup.drivers.glusterfs',
] as const;
/** Some look like the parts of the metadata that a reader must find. */
const NAMES = [null, '', 'nightly', 'ü „q“ \n\\', '","objects":[{', '"sha256s":["', '{"objects":[0]}', ']}'] as const;
const META = JSON.stringify({ version: 2, 'volume-base-metadata': { display_name: 'ü"objects":[', bootable: true } });
/** Objects of a full backup; more would take long to write. */
const MOST_OBJECTS = 12;

/** A chain and everything that may differ from one to the next, all of it decided by the seed. */
export function someChain(seed: number, root: string): ChainToWrite {
  const dice = diceOf(seed);
  const isLong = dice.between(1, 500) === 1;
  const count = isLong ? 100 : dice.between(1, dice.pick([2, 3, 3, 8]));
  const volumeBytes = isLong ? dice.between(1, 8 * KIB) : someVolumeBytes(dice);
  const blockBytes = someBlockBytes(dice);
  const shared = dice.chance(30) ? dice.pick(['backups', 'a/b/c', 'with blank', 'Sicherung-ü']) : null;
  const links = someStates(dice, volumeBytes, count).map((state) => someLink(dice, { state, blockBytes, shared }));
  return { root, volumeId: uuid(dice), blockBytes, links };
}

function someVolumeBytes(dice: Dice): number {
  const kind = dice.between(1, 100);
  const largest = kind <= 20 ? KIB : kind <= 80 ? 24 * KIB : kind <= 97 ? 128 * KIB : KIB * KIB;
  const volumeBytes = dice.between(1, largest);
  return dice.chance(40) ? Math.ceil(volumeBytes / 512) * 512 : volumeBytes;
}

/** From 512 B to 1 MiB; sometimes none that a disk would have. */
function someBlockBytes(dice: Dice): number {
  if (dice.chance(10)) return dice.between(512, 6000);
  return 512 << dice.between(0, dice.chance(80) ? 4 : 11);
}

interface LinkOf {
  readonly state: Buffer;
  readonly blockBytes: number;
  readonly shared: string | null;
}

function someLink(dice: Dice, { state, blockBytes, shared }: LinkOf): LinkToWrite {
  const id = uuid(dice);
  const codec = dice.pick(CODECS);
  const least = Math.ceil(state.length / blockBytes / MOST_OBJECTS);
  return {
    id,
    state,
    objectBytes: blockBytes * dice.between(least, least * 4 + 2),
    codec,
    level: dice.pick([1, 1, 3, 6, 9]),
    compression: { compressed: dice.anyCase(dice.pick(ALIASES[codec])), raw: dice.anyCase(dice.pick(ALIASES.none)) },
    container: shared ?? `${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`,
    service: dice.pick(SERVICES),
    firstNumber: dice.chance(15) ? dice.between(99_991, 100_000) : 1,
    withSha256File: dice.chance(70),
    md5: dice.chance(85) ? dice.pick(['lower', 'lower', 'upper']) : 'absent',
    backupName: dice.pick(NAMES),
    volumeMeta: dice.pick([null, META]),
  };
}

function uuid(dice: Dice): string {
  const hex = dice.noise(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
