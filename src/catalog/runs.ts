import type { Database } from './database';

/** Whether the run was accepted before. */
export async function hasRun(db: Database, volumeId: string, runId: string): Promise<boolean> {
  return (await runsOf(db, volumeId)).includes(runId);
}

/** Whether a call comes from the run that made the volume what it is. One that was left behind by an earlier run doesn't. */
export async function isLastRun(db: Database, volumeId: string, runId: string): Promise<boolean> {
  return (await runsOf(db, volumeId)).at(-1) === runId;
}

/** Those that were accepted, the latest last. */
async function runsOf(db: Database, volumeId: string): Promise<readonly string[]> {
  const row = await db.selectFrom('volumes').select('run_ids').where('id', '=', volumeId).executeTakeFirst();
  return row?.run_ids ?? [];
}
