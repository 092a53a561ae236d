import { createHash } from 'node:crypto';
import type { ObjectStore } from '../domain/object-store';
import type { PlannedObject } from './backup-image';
import { damagedObject } from './damage';
import { DECODERS } from './decode';
import { CodecError } from './decoder';

export interface ReadObjectOptions {
  readonly store: ObjectStore;
  /** Whether nothing but the object's md5 proves its content. */
  readonly checkMd5: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * One object, decoded, piece by piece. An object that grows beyond its length is refused at that moment, so that a
 * decompression bomb costs no more than the length it claims.
 * @throws Refusal('BackupDamaged')
 */
export async function* readObject(object: PlannedObject, options: ReadObjectOptions): AsyncGenerator<Uint8Array> {
  const { store, checkMd5, signal } = options;
  const where = { backupId: object.link.id, objectName: object.name };
  const md5 = checkMd5 ? createHash('md5') : null;
  let decodedBytes = 0;
  try {
    for await (const piece of DECODERS[object.codec](store.readObject(object.link, object.name, signal))) {
      signal?.throwIfAborted();
      decodedBytes += piece.length;
      if (decodedBytes > object.lengthBytes) {
        throw damagedObject(where, `holds more than ${object.lengthBytes} bytes, which its backup's metadata says`);
      }
      md5?.update(piece);
      yield piece;
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
