import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { Refusal } from '../domain/errors';
import { currentTime } from './database';
import type { Database } from './database';
import type { Schema } from './schema';

/** What a run asks of a volume or a backup. */
export interface RunRequest {
  /** Of the workflow. */
  readonly runId: string;
  /** The volume or the backup. */
  readonly subjectId: string;
}

/** Nothing that was begun is under way for longer. */
const REMEMBERED = '1 day';

/**
 * In a transaction that has locked nothing yet: nobody accepts this request any more. An attempt to accept it may be under way still, in a process
 * that was stopped, long after Temporal gave it up; whoever asked has been told that nothing was changed.
 */
export async function closeRequest(db: Database, request: RunRequest): Promise<void> {
  await lockRequest(db, request);
  const { runId, subjectId } = request;
  await db
    .insertInto('withdrawn_requests')
    .values({ run_id: runId, subject_id: subjectId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .deleteFrom('withdrawn_requests')
    .where('withdrawn_at', '<', sql<Date>`${currentTime} - ${REMEMBERED}::interval`)
    .execute();
}

/** In a transaction that has locked nothing yet, at the end of which the request is accepted. @throws Refusal if it was withdrawn before */
export async function requireOpenRequest(db: Database, request: RunRequest): Promise<void> {
  await lockRequest(db, request);
  const { runId, subjectId } = request;
  const withdrawn = await db
    .selectFrom('withdrawn_requests')
    .select('run_id')
    .where('run_id', '=', runId)
    .where('subject_id', '=', subjectId)
    .executeTakeFirst();
  if (withdrawn)
    throw new Refusal('RequestExpired', `The request about ${subjectId} was withdrawn, or refused, before.`);
}

/** Whichever of the two comes first, the other knows of it. */
async function lockRequest(db: Database, { runId, subjectId }: RunRequest): Promise<void> {
  const name = `request of ${runId} about ${subjectId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db);
}

/** Accepts a request in a transaction. For one that no step withdraws: refused once, it stays refused. */
export async function acceptOnce<Result>(
  db: Kysely<Schema>,
  request: RunRequest,
  accept: (tx: Database) => Promise<Result>,
): Promise<Result> {
  try {
    return await db.transaction().execute(async (tx) => {
      await requireOpenRequest(tx, request);
      return accept(tx);
    });
  } catch (error) {
    if (error instanceof Refusal) await db.transaction().execute((tx) => closeRequest(tx, request));
    throw error;
  }
}
