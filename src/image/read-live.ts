import { createHash } from 'node:crypto';
import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { ObjectStore } from '../domain/object-store';
import type { LivePiece, PlannedObject } from './backup-image';
import { damagedObject } from './damage';
import type { ObjectOfBackup } from './damage';
import { DECODERS } from './decode';
import { CodecError } from './decoder';
import { liveOf } from './live-pieces';
import type { DecodedPiece } from './live-pieces';

export interface ReadLiveOptions {
  readonly store: ObjectStore;
  /** Whether nothing but the object's md5 proves its content. */
  readonly checkMd5: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Live extents of an uncompressed object that lie so close together are fetched at once. */
const WORTH_SKIPPING_BYTES = 128 * 1024;

/** Implements `BackupImage.readLive`. */
export async function* readLive(object: PlannedObject, options: ReadLiveOptions): AsyncGenerator<LivePiece> {
  if (isReadInParts(object, options)) {
    for (const live of neighbours(object.live)) yield* liveOf(readPart(object, live, options), { ...object, live });
    return;
  }
  for await (const piece of liveOf(readWhole(object, options), object)) {
    yield piece;
    // What follows is superseded, and its faults are nobody's: nothing of it reaches the image.
    if (!options.checkMd5 && isLast(piece, object)) return;
  }
}

/** How many stored bytes `readLive` asks the store for, at the most: it stops where nothing that follows counts. */
export function fetchedBytes(object: PlannedObject, options: Pick<ReadLiveOptions, 'checkMd5'>): number {
  if (!isReadInParts(object, options)) return object.storedBytes;
  return neighbours(object.live).reduce((sum, live) => sum + spanOf(live), 0);
}

function isReadInParts({ codec }: PlannedObject, { checkMd5 }: Pick<ReadLiveOptions, 'checkMd5'>): boolean {
  return codec === 'none' && !checkMd5;
}

/** From the first byte of the first to the last byte of the last. */
function spanOf(extents: readonly Extent[]): number {
  const [first, last] = [extents[0], extents.at(-1)];
  return first && last ? endOf(last) - first.offsetBytes : 0;
}

function isLast({ offsetBytes, data }: LivePiece, object: PlannedObject): boolean {
  const last = object.live.at(-1);
  return last !== undefined && offsetBytes + data.length === endOf(last) && endOf(last) < endOf(object);
}

/** In groups that are worth a request of their own. */
function neighbours(extents: readonly Extent[]): Extent[][] {
  const groups: Extent[][] = [];
  let end = -Infinity;
  for (const extent of extents) {
    if (extent.offsetBytes - end >= WORTH_SKIPPING_BYTES) groups.push([extent]);
    else groups.at(-1)?.push(extent);
    end = endOf(extent);
  }
  return groups;
}

/** The stored bytes from the first to the last of the extents, with the place in the volume where they begin. */
async function* readPart(
  object: PlannedObject,
  extents: readonly Extent[],
  { store, signal }: ReadLiveOptions,
): AsyncGenerator<DecodedPiece> {
  const [first, last] = [extents[0], extents.at(-1)];
  if (!first || !last) return;
  const range = { offsetBytes: first.offsetBytes - object.offsetBytes, lengthBytes: spanOf(extents) };
  let offsetBytes = first.offsetBytes;
  for await (const data of store.readObject(object.link, object.name, { range, signal })) {
    signal?.throwIfAborted();
    yield { offsetBytes, data };
    offsetBytes += data.length;
  }
  if (offsetBytes < endOf(last)) {
    const heldBytes = offsetBytes - object.offsetBytes;
    throw damagedObject(whereOf(object), `holds ${heldBytes} bytes, expected ${object.lengthBytes}`);
  }
}

/**
 * One object, decoded, piece by piece. An object that grows beyond its length is refused at that moment, so that a
 * decompression bomb costs no more than the length it claims.
 */
async function* readWhole(object: PlannedObject, options: ReadLiveOptions): AsyncGenerator<DecodedPiece> {
  const { store, checkMd5, signal } = options;
  const where = whereOf(object);
  const md5 = checkMd5 ? createHash('md5') : null;
  let decodedBytes = 0;
  try {
    for await (const data of DECODERS[object.codec](store.readObject(object.link, object.name, { signal }))) {
      signal?.throwIfAborted();
      const offsetBytes = object.offsetBytes + decodedBytes;
      decodedBytes += data.length;
      if (decodedBytes > object.lengthBytes) {
        throw damagedObject(where, `holds more than ${object.lengthBytes} bytes, which its backup's metadata says`);
      }
      md5?.update(data);
      yield { offsetBytes, data };
    }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw damagedObject(where, `is not ${object.codec} data: ${error.message}`, error);
  }
  if (decodedBytes < object.lengthBytes) {
    throw damagedObject(where, `holds ${decodedBytes} bytes, expected ${object.lengthBytes}`);
  }
  const digest = md5?.digest('hex');
  if (digest !== undefined && digest !== object.md5) {
    throw damagedObject(where, `at offset ${object.offsetBytes}: its MD5 is ${digest}, expected ${object.md5 ?? ''}`);
  }
}

function whereOf({ link, name }: PlannedObject): ObjectOfBackup {
  return { backupId: link.id, objectName: name };
}
