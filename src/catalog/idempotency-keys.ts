import { sql } from 'kysely';
import type { ClaimedKey, KeyClaim } from './catalog';
import { requireStorable } from './database';
import type { Database } from './database';

/** Clients repeat within minutes; a day is promised. */
const KEEP_DAYS = 7;

/** In a transaction. See `CatalogEdits.claimIdempotencyKey`. Whoever comes second waits for the first to commit. */
export async function claimIdempotencyKey(db: Database, claim: KeyClaim): Promise<ClaimedKey> {
  requireStorable(claim);
  await forgetOldKeys(db);
  const { projectId, key, bodyHash, volumeId } = claim;
  await db
    .insertInto('idempotency_keys')
    .values({ project_id: projectId, key, body_hash: bodyHash, volume_id: volumeId })
    .onConflict((conflict) => conflict.columns(['project_id', 'key']).doNothing())
    .execute();
  return db
    .selectFrom('idempotency_keys')
    .leftJoin('volumes', 'volumes.id', 'idempotency_keys.volume_id')
    .select(['body_hash as bodyHash', 'volume_id as volumeId'])
    .select(sql<boolean>`coalesce(volumes.status = 'deleted', false)`.as('volumeIsDeleted'))
    .where('idempotency_keys.project_id', '=', projectId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
}

/** See `CatalogEdits.releaseIdempotencyKey`. */
export async function releaseIdempotencyKey(db: Database, volumeId: string): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('volume_id', '=', volumeId)
    .where((where) =>
      where.not(where.exists(where.selectFrom('volumes').select('id').where('volumes.id', '=', volumeId))),
    )
    .execute();
}

async function forgetOldKeys(db: Database): Promise<void> {
  await sql`delete from idempotency_keys where ctid in (
    select ctid from idempotency_keys where created_at < clock_timestamp() - make_interval(days => ${KEEP_DAYS})
    for update skip locked limit 100)`.execute(db);
}
