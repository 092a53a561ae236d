import type { Kysely } from 'kysely';
import { requireAllowed, understand } from '../domain/acceptance';
import type { AcceptanceFacts, Wanted } from '../domain/acceptance';
import { isLocked } from '../domain/backup-lock';
import type { CreateVolumeRequest } from '../domain/create-request';
import { Refusal } from '../domain/errors';
import { loadFacts } from './acceptance';
import type { AcceptanceOptions } from './acceptance';
import { backupChain } from './backups';
import type { JudgedVolume } from './catalog';
import { databaseClock, requireStorable } from './database';
import type { Database } from './database';
import { listPools } from './pools';
import type { Schema } from './schema';

/** See `Catalog.judgeVolume`. All of it as it was at one moment; nobody is made to wait. */
export async function judgeVolume(
  db: Kysely<Schema>,
  request: CreateVolumeRequest,
  options: Omit<AcceptanceOptions, 'runId'>,
): Promise<JudgedVolume> {
  requireStorable(request);
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const facts = await loadFacts(tx, request, options);
      const wanted = understand(request, facts);
      const { sizeGib, availabilityZone, type, backup } = wanted;
      const volume = { sizeGib, availabilityZone };
      return {
        wanted,
        refusal: refusalOf(wanted, facts),
        backupReaders: facts.backupReaders,
        backupIsLocked: backup !== null && isLocked(backup.status, facts.backupLock, facts.backupReaders),
        chainLength: backup && (await chainLength(tx, backup.id)),
        // Nothing is there yet of a volume that isn't.
        placement: { volume, type, pools: await listPools(tx), now: await databaseClock(tx), holding: [], owing: [] },
      };
    });
}

function refusalOf(wanted: Wanted, facts: AcceptanceFacts): Refusal | null {
  try {
    requireAllowed(wanted, facts);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** null: the chain is broken. */
async function chainLength(db: Database, backupId: string): Promise<number | null> {
  try {
    return (await backupChain(db, backupId)).length;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
