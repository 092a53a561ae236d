import { createHash, randomUUID } from 'node:crypto';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import { Refusal } from '../domain/errors';
import type { Volume } from '../domain/volume';
import type { NewVolume } from './new-volume';
import { badRequest, Problem } from './problems';
import type { Call } from './route';

interface Once {
  readonly asked: NewVolume;
  readonly catalog: CatalogReader & CatalogEdits;
  /** Has the volume made under this id. */
  readonly create: (volumeId: string) => Promise<Volume>;
}

/**
 * Ours, not Cinder's (H-41): a request that carries an `Idempotency-Key` makes one volume, however often it is sent and by however
 * many at once; a key counts within its project, for at least a day. What was refused made nothing, and frees its key.
 * @throws Problem 400 for no proper key; 409 where it stands for another body, or for a volume that is deleted
 */
export async function createOnce({ caller, idempotencyKey }: Call, { asked, catalog, create }: Once): Promise<Volume> {
  if (idempotencyKey === null) return create(randomUUID());
  const { projectId } = caller;
  const key = requireKey(idempotencyKey);
  const bodyHash = hashOf(asked);
  for (let isFirstTry = true; ; isFirstTry = false) {
    const claimed = await catalog.claimIdempotencyKey({ projectId, key, bodyHash, volumeId: randomUUID() });
    if (claimed.bodyHash !== bodyHash) throw conflict(key, 'has already been used with another body');
    if (claimed.volumeIsDeleted) throw conflict(key, 'stands for a volume that has been deleted');
    try {
      return (await catalog.findVolume(claimed.volumeId, { projectId })) ?? (await create(claimed.volumeId));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The run that refused is over, and no other will ever make a volume of this id.
      await catalog.releaseIdempotencyKey(claimed.volumeId);
      // An earlier request that nobody took in time; this one may still be.
      if (error.code !== 'RequestExpired' || !isFirstTry) throw error;
    }
  }
}

function requireKey(key: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw badRequest('Idempotency-Key must have 1 to 255 printable ASCII characters.');
}

function conflict(key: string, why: string): Problem {
  return new Problem(409, `Idempotency-Key ${key} ${why}.`);
}

/** Of what was asked for, not of how it was written. */
function hashOf(asked: NewVolume): string {
  const metadata = Object.entries(asked.metadata).sort(byName);
  const fields = Object.entries({ ...asked, metadata }).sort(byName);
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
