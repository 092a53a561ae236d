import { Migrator } from 'kysely';
import type { Kysely, Migration } from 'kysely';
import type { CatalogLog } from './database';
import * as initial from './migrations/0001-initial';
import * as volumeMeta from './migrations/0002-volume-meta';
import * as checkpoint from './migrations/0003-checkpoint';
import * as retry from './migrations/0004-retry';
import * as attachment from './migrations/0005-attachment';
import * as administration from './migrations/0006-administration';
import * as idempotency from './migrations/0007-idempotency';
import * as restore from './migrations/0008-restore';
import * as unsettled from './migrations/0009-unsettled';
import * as extension from './migrations/0010-extension';
import * as measuredCopies from './migrations/0011-measured-copies';
import * as switchedOff from './migrations/0012-switched-off';
import * as typeAccess from './migrations/0013-type-access';
import * as lateWriters from './migrations/0014-late-writers';
import * as orphans from './migrations/0016-orphans';
import * as begun from './migrations/0017-begun';
import * as withdrawnRequests from './migrations/0018-withdrawn-requests';
import * as debts from './migrations/0020-debts';
import type { Schema } from './schema';

/** In the order of their names; what has been released is never edited. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-volume-meta': volumeMeta,
  '0003-checkpoint': checkpoint,
  '0004-retry': retry,
  '0005-attachment': attachment,
  '0006-administration': administration,
  '0007-idempotency': idempotency,
  '0008-restore': restore,
  '0009-unsettled': unsettled,
  '0010-extension': extension,
  '0011-measured-copies': measuredCopies,
  '0012-switched-off': switchedOff,
  '0013-type-access': typeAccess,
  '0014-late-writers': lateWriters,
  '0016-orphans': orphans,
  '0017-begun': begun,
  '0018-withdrawn-requests': withdrawnRequests,
  '0020-debts': debts,
};

/**
 * Brings the schema up to date, all or nothing. Several processes may start at once: kysely takes an advisory lock, and
 * those who waited find nothing left to do.
 */
export async function migrate(db: Kysely<Schema>, log: CatalogLog): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error('The catalog could not be brought up to date', { cause: error });
  for (const { migrationName } of results) log.info({ migration: migrationName }, 'catalog migrated');
}
