import { sql } from 'kysely';
import type { CopyKind, MeasuredCopies, MeasuredCopy } from '../domain/measured-copy';
import { REMEMBERED_COPIES } from '../domain/measured-copy';
import type { Database } from './database';

/** In a transaction: the new one counts, and what doesn't count any more is forgotten. Of those noted at the same moment, the next forgets. */
export async function noteCopy(db: Database, { copiedBytes, elapsedMs, ...kind }: MeasuredCopy): Promise<void> {
  // One that found everything there already tells nothing.
  if (copiedBytes === 0) return;
  const { poolName, mode, codec, readBack } = kind;
  await db
    .insertInto('measured_copies')
    .values({
      ...{ pool_name: poolName, mode, codec, read_back: readBack },
      ...{ copied_bytes: copiedBytes, elapsed_ms: elapsedMs },
    })
    .execute();
  const old = ofKind(db, kind).select('id').offset(REMEMBERED_COPIES);
  // Rows that somebody else forgets right now are left to him.
  const forgotten = db.selectFrom('measured_copies').select('id').where('id', 'in', old).forUpdate().skipLocked();
  await db.deleteFrom('measured_copies').where('id', 'in', forgotten).execute();
}

/** See `Catalog.measuredCopies`. */
export async function measuredCopies(db: Database, kind: CopyKind): Promise<MeasuredCopies> {
  return db
    .selectFrom(ofKind(db, kind).select(['copied_bytes', 'elapsed_ms']).limit(REMEMBERED_COPIES).as('newest'))
    .select([
      sql<number>`count(*)`.as('copies'),
      sql<number>`coalesce(sum(copied_bytes), 0)`.as('copiedBytes'),
      sql<number>`coalesce(sum(elapsed_ms), 0)`.as('elapsedMs'),
    ])
    .executeTakeFirstOrThrow();
}

/** The newest first. */
function ofKind(db: Database, { poolName, mode, codec, readBack }: CopyKind) {
  return db
    .selectFrom('measured_copies')
    .where('pool_name', '=', poolName)
    .where('mode', '=', mode)
    .where('codec', '=', codec)
    .where('read_back', '=', readBack)
    .orderBy('id', 'desc');
}
