import type { VolumeMeta } from '../domain/volume-metadata';
import type { BackupImage, OpenImageOptions, RestorePlan } from './backup-image';
import type { BlockHashes } from './block-hashes';
import { requireChain } from './chain';
import { damaged, damagedObject } from './damage';
import { checksMd5 } from './figures';
import { readLayer } from './layer';
import type { StoredLayer } from './layer';
import { localRanges } from './local-ranges';
import { planRestore, withZeros } from './plan';
import { readLive } from './read-live';
import { MAX_FRAME_BYTES, readSha256File } from './sha256-file';
import { parseVolumeMeta } from './volume-meta';
import { zeroExtents } from './zero-blocks';

/** Smaller blocks would make the hashes larger than they are worth; disks have none. */
const MIN_BLOCK_BYTES = 256;
/** What a hash takes in the sha256 file: 64 digits, quotes, comma, and Cinder's indentation. */
const MAX_HASH_BYTES = 80;

/** Implements `OpenImage`: nothing is assumed of the repository that isn't checked here. */
export async function openBackupImage(options: OpenImageOptions): Promise<BackupImage> {
  const { chain, storeOf } = options;
  const leaf = requireChain(chain);
  const layers = await readLayers(options);
  const volumeMeta = readVolumeMeta(layers);
  const flattened = planRestore(layers);
  const hashes = await readHashes(layers, flattened, options);
  const plan = hashes ? withZeros(flattened, zeroExtents(hashes, flattened.sizeBytes)) : flattened;
  requireLengths(plan);
  if (hashes === null && options.allowUnverified !== true) requireMd5s(plan);
  return {
    backupId: leaf.id,
    plan,
    hashes,
    volumeMeta,
    readLive: (object, readSignal) =>
      readLive(object, {
        store: storeOf(object.link),
        checkMd5: checksMd5({ hashes }, object),
        signal: readSignal,
      }),
    localRanges: () => localRanges(plan, storeOf),
  };
}

async function readLayers({ chain, storeOf, signal }: OpenImageOptions): Promise<StoredLayer[]> {
  const layers: StoredLayer[] = [];
  for (const link of chain) {
    const layer = await readLayer({ link, store: storeOf(link), signal });
    const expected = layers[0]?.volumeId ?? layer.volumeId;
    if (layer.volumeId !== expected) {
      throw damaged(link.id, `its metadata is of volume ${layer.volumeId}, expected ${expected}`);
    }
    layers.push(layer);
  }
  return layers;
}

/** S-63: the leaf's describes the volume as it was backed up last; an older link's would bring back what has been removed. */
function readVolumeMeta([leaf]: readonly StoredLayer[]): VolumeMeta | null {
  if (!leaf || leaf.volumeMeta === null) return null;
  return parseVolumeMeta(leaf.volumeMeta, { backupId: leaf.link.id, objectName: leaf.metadataName });
}

/** F-5: the leaf's sha256 file describes the whole volume, also what came from its ancestors. Theirs aren't needed. */
async function readHashes(
  [leaf]: readonly StoredLayer[],
  { sizeBytes }: RestorePlan,
  { storeOf, signal }: OpenImageOptions,
): Promise<BlockHashes | null> {
  if (!leaf?.sha256File) return null;
  const { link, sha256File } = leaf;
  const where = { backupId: link.id, objectName: sha256File.name };
  if (sha256File.storedBytes > MAX_FRAME_BYTES + MAX_HASH_BYTES * Math.ceil(sizeBytes / MIN_BLOCK_BYTES)) {
    throw damagedObject(where, `is too large for a volume of ${sizeBytes} bytes (${sha256File.storedBytes} bytes)`);
  }
  const hashes = await readSha256File(storeOf(link).readObject(link, sha256File.name, { signal }), where);
  const expectedCount = Math.ceil(sizeBytes / hashes.blockBytes);
  if (hashes.count === expectedCount) return hashes;
  throw damagedObject(
    where,
    `holds ${hashes.count} hashes, expected ${expectedCount} ` +
      `(for a volume of ${sizeBytes} bytes in blocks of ${hashes.blockBytes})`,
  );
}

/** What can be said of the needed objects without reading them. */
function requireLengths({ objects }: RestorePlan): void {
  for (const { link, name, codec, storedBytes, lengthBytes } of objects) {
    if (codec !== 'none' || storedBytes === lengthBytes) continue;
    const where = { backupId: link.id, objectName: name };
    throw damagedObject(where, `holds ${storedBytes} bytes, expected ${lengthBytes}`);
  }
}

/** For a backup without hashes: nothing else would tell whether its objects are what was backed up (W-7). */
function requireMd5s({ objects }: RestorePlan): void {
  for (const { link, name, md5 } of objects) {
    if (md5 !== null) continue;
    throw damagedObject({ backupId: link.id, objectName: name }, 'has neither a SHA-256 nor an MD5 to check it by');
  }
}
