import { existsSync, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { GIB } from '../../src/domain/volume';
import type { Content, Subject } from './subject';
import type { End } from './way';
import { sha256 } from './world';

/** What is not as it must be. `stuck`: goes on; `wrong`: claims what isn't so; `lost`: should be there; `leaked`: should not. */
export interface Fault {
  readonly kind: 'stuck' | 'wrong' | 'lost' | 'leaked';
  readonly what: string;
}

/** Everything that there is of a case: rows, files, runs. */
export interface Found {
  readonly volume: Record<string, unknown> | null;
  readonly backup: Record<string, unknown> | null;
  readonly readers: readonly Record<string, unknown>[];
  readonly debts: readonly { readonly due: boolean; readonly pool: string }[];
  readonly usage: { readonly volumes: number; readonly gigabytes: number };
  readonly capacityGib: number;
  readonly messages: readonly string[];
  /** Names of what lies on the pool. */
  readonly files: readonly string[];
  readonly openRuns: readonly string[];
}

const AT_REST = ['available', 'error', 'error_restoring', 'error_extending', 'deleted'];
const BACKUP_AT_REST = ['available', 'error', 'error_deleting', 'deleted'];
/** What a file system takes for its own notes on a file, and the rest of a block. */
const SLACK_BYTES = 1024 ** 2;

/** Looks at everything. */
export async function look(subject: Subject): Promise<Found> {
  const { world, volumeId, backupId, projectId, requestId } = subject;
  const rowOf = async (table: string, id: string) =>
    (await world.query(`select * from ${table} where id = $1`, [id]))[0] ?? null;
  const [volume, backup, readers, debts, usage, capacity, messages, openRuns] = await Promise.all([
    rowOf('volumes', volumeId),
    rowOf('backups', backupId),
    world.query('select * from backup_readers where backup_id = $1 or volume_id = $2', [backupId, volumeId]),
    world.query('select pool_name as pool, due_at <= now() as due from owed_removals where volume_id = $1', [volumeId]),
    world.catalog.quotaUsage(projectId),
    world.query(
      `select coalesce(sum(size), 0)::int as gib from (
         select case when status = 'extending' then extend_gib else size_gib end as size from volumes
         where id = $1 and host is not null
         union all select size_gib from owed_removals where volume_id = $1) taken`,
      [volumeId],
    ),
    world.catalog.listMessages(projectId, { requestId }),
    openRunsOf(subject),
  ]);
  return {
    volume,
    backup,
    readers,
    debts: debts as never,
    usage,
    capacityGib: Number(capacity[0]!['gib']),
    messages: messages.map(({ text }) => text),
    files: filesOf(subject),
    openRuns,
  };
}

export function filesOf({ file, isSomebodyElses }: Subject): string[] {
  const [folder, own] = [path.dirname(file), path.basename(file)];
  const names = readdirSync(folder).filter((name) => name.startsWith(own));
  return isSomebodyElses ? names.filter((name) => name !== own) : names;
}

async function openRunsOf({ world, workflowIds }: Subject): Promise<string[]> {
  const { client } = world.house;
  const statuses = await Promise.all(
    [...workflowIds].map(async (workflowId) => {
      try {
        return {
          workflowId,
          isOpen: (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING',
        };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { workflowId, isOpen: false };
        throw error;
      }
    }),
  );
  return statuses.filter(({ isOpen }) => isOpen).map(({ workflowId }) => workflowId);
}

/** Waits until no run is open, and volume and backup are where no workflow has to take them from. */
export async function settled(subject: Subject, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    await Promise.all([...subject.workflowIds].map((id) => closed(subject, id, deadline)));
    if ((await isAtRest(subject)) && (await openRunsOf(subject)).length === 0) return true;
    // For the reconciler, or for a pool's worker, which pays its debts from time to time.
    await sleep(200);
  }
  return false;
}

async function closed({ world }: Subject, workflowId: string, deadline: number): Promise<void> {
  const { client } = world.house;
  // It doesn't matter here how it ended.
  await client.withDeadline(deadline, () => client.workflow.getHandle(workflowId).result()).catch(() => undefined);
}

async function isAtRest({ world, volumeId, backupId, backupStatus }: Subject): Promise<boolean> {
  const [row] = await world.query(
    `select (select status from volumes where id = $1) as volume, (select status from backups where id = $2) as backup,
       exists (select from owed_removals where volume_id = $1 and due_at <= now() and not starts_with(pool_name, 'gone@')) as owes`,
    [volumeId, backupId],
  );
  const { volume, backup, owes } = row as { volume: string | null; backup: string | null; owes: boolean };
  const backupRests = backup === null || BACKUP_AT_REST.includes(backup) || backup === backupStatus;
  return (volume === null || AT_REST.includes(volume)) && backupRests && !owes;
}

/** Which end it is, by what a user sees. */
export function endOf(subject: Subject, { volume, backup, debts }: Found): End | 'stuck' {
  const status = volume?.['status'];
  if (volume === null) {
    if (subject.after !== null || subject.before !== null) return 'refused';
    if (backup?.['status'] === 'deleted') return 'backup gone';
    if (backup?.['status'] === subject.backupStatus) return 'backup as it was';
    return backup?.['status'] === 'error_deleting' ? 'backup error_deleting' : 'stuck';
  }
  if (status === 'available') return subject.before && isAsBefore(subject, volume) ? 'as it was' : 'available';
  if (status === 'error') {
    if (debts.length === 0) return 'error, nothing left';
    return debts.some(({ due }) => due) ? 'error, removal owed' : 'error, data kept';
  }
  if (status === 'error_restoring' || status === 'error_extending') return status;
  return status === 'deleted' ? 'gone' : 'stuck';
}

/** A restore leaves its mark in the metadata, an extension in the size. */
function isAsBefore({ before, after }: Subject, volume: Record<string, unknown>): boolean {
  if (after && before && after.sizeGib !== before.sizeGib) return volume['size_gib'] === before.sizeGib;
  const { src_backup_id: restored } = volume['metadata'] as { src_backup_id?: string };
  return restored === undefined;
}

/** What must be so at this end. */
export async function verifyCleanSlate(subject: Subject, end: End | 'stuck', found: Found): Promise<Fault[]> {
  const faults: Fault[] = [];
  const check = (kind: Fault['kind'], what: string, holds: boolean): void => {
    if (!holds) faults.push({ kind, what });
  };
  const { volume, backup, readers, debts, usage, capacityGib, messages, files, openRuns } = found;
  check('stuck', `volume ${String(volume?.['status'])}, backup ${String(backup?.['status'])}`, end !== 'stuck');
  check('stuck', `open: ${openRuns.join(', ')}`, openRuns.length === 0);
  check('leaked', `readers: ${JSON.stringify(readers)}`, readers.length === 0);
  if (backup && !end.startsWith('backup ')) {
    check('stuck', `backup ${String(backup['status'])}`, backup['status'] === subject.backupStatus);
  }
  const drafts = files.filter((name) => /\.(draft|clone)$/.test(name));
  check('leaked', `drafts: ${drafts.join(', ')}`, drafts.length === 0);

  const has = HOLDS[end === 'stuck' ? 'refused' : end];
  const size = Number(volume?.['size_gib'] ?? 0);
  const counted = has.row ? 1 : 0;
  if (end !== 'stuck') {
    check('leaked', `quota: ${JSON.stringify(usage)}`, usage.volumes === counted && usage.gigabytes === size * counted);
    check('leaked', `capacity: ${capacityGib} GiB`, capacityGib === (has.place || has.debt ? size : 0));
    check('leaked', `host ${String(volume?.['host'])}`, has.place || (volume?.['host'] ?? null) === null);
    check('lost', 'its host', !has.place || (volume?.['host'] ?? null) !== null);
    check('leaked', `debts: ${JSON.stringify(debts)}`, debts.length === (has.debt ? 1 : 0));
    const mayHaveFiles = has.place || has.debt;
    check('leaked', `files: ${files.join(', ')}`, files.length === 0 || mayHaveFiles);
    // What was asked for and never began leaves what was said before.
    check('wrong', `tells the user nothing`, !has.message || messages.length >= Math.max(1, subject.messagesBefore));
    const most = subject.messagesBefore + (has.message ? 1 : 0) + (subject.faults.loses ? 1 : 0);
    check('wrong', `tells the user too much: ${messages.join(' | ')}`, messages.length <= most);
    check(
      'wrong',
      `says nothing: ${messages.join(' | ')}`,
      messages.every((text) => text.length > 40),
    );
    const checkpoint = volume?.['checkpoint'] ?? null;
    check('leaked', 'a checkpoint', checkpoint === null || end === 'error, data kept' || end === 'error_restoring');
    const reason = backup?.['fail_reason'];
    if (end === 'backup error_deleting') check('wrong', 'no reason', typeof reason === 'string' && reason.length > 20);
    if (end === 'available' || end === 'as it was') {
      check('wrong', 'not proven', (volume?.['proven_at'] ?? null) !== null);
      check('leaked', 'what the backup says of its volume', (volume?.['volume_meta'] ?? null) === null);
    }
  }
  for (const one of await verifyBytes(subject, end)) faults.push(one);
  return faults;
}

/** A row that counts, a place on a pool, data that must go now or later, a message for the user. */
interface Holds {
  readonly row: boolean;
  readonly place: boolean;
  readonly debt: boolean;
  readonly message: boolean;
}

const NOTHING: Holds = { row: false, place: false, debt: false, message: false };
const WHOLE: Holds = { ...NOTHING, row: true, place: true };
const FAILED: Holds = { ...NOTHING, row: true, message: true };

/** What there is of a volume at each end. */
const HOLDS: Readonly<Record<End, Holds>> = {
  available: WHOLE,
  'as it was': WHOLE,
  refused: NOTHING,
  'error, nothing left': FAILED,
  'error, data kept': { ...FAILED, debt: true },
  'error, removal owed': { ...FAILED, debt: true },
  error_restoring: { ...FAILED, place: true },
  error_extending: { ...FAILED, place: true },
  gone: NOTHING,
  'backup gone': NOTHING,
  'backup as it was': NOTHING,
  'backup error_deleting': NOTHING,
};

/** The bytes where they are promised, and nothing besides. */
async function verifyBytes(subject: Subject, end: End | 'stuck'): Promise<Fault[]> {
  const content = contentAt(subject, end);
  if (!content) return [];
  if (!filesOf(subject).includes(path.basename(subject.file))) return [{ kind: 'lost', what: 'its file' }];
  const faults: Fault[] = [];
  const { size, blocks } = statSync(subject.file);
  // An extension that failed may have left it longer.
  if (size !== content.sizeGib * GIB && end !== 'error_extending')
    faults.push({ kind: 'wrong', what: `${size} bytes in size` });
  if (blocks * 512 > content.bytes + SLACK_BYTES) faults.push({ kind: 'wrong', what: `${blocks} blocks` });
  const found = await hashOf(subject.file, content.bytes);
  if (found !== content.sha256) faults.push({ kind: 'wrong', what: 'other bytes' });
  const locks = locksOf(subject).filter((name) => !/\.(released|complete)$/.test(name));
  if (locks.length > 0) faults.push({ kind: 'leaked', what: `locks: ${locks.join(', ')}` });
  return faults;
}

/** One that was never written has none. */
function locksOf({ file }: Subject): string[] {
  const folder = `${file}.lock`;
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Null where nothing is promised of the bytes. */
function contentAt({ before, after }: Subject, end: End | 'stuck'): Content | null {
  if (end === 'available') return after;
  return end === 'as it was' || end === 'error_extending' ? before : null;
}

export async function hashOf(file: string, bytes: number): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return sha256(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
