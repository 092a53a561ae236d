import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../domain/errors';
import { isAlive, killProcess, sameProcess, thisProcess } from './process-identity';
import type { ProcessIdentity } from './process-identity';
import { hasCode } from './system-error';

/**
 * Which process may write a volume, and the newest epoch that ever could. It keeps processes of one host apart (they must
 * see each other in /proc); the writers within a process are kept apart by `writer.ts`.
 *
 * The lock is a folder of numbered records; the highest number counts. `<n>` names the process and the epoch that hold the
 * volume, `<n>.released` the epoch that held it last, `<n>.complete` the same of one that left the volume whole, which the records after it
 * tell on. Taking over means to link the next number, which succeeds for one
 * process only, so nobody ever removes or overwrites a record that another might just have made. A record without a
 * living process is free, whatever way that process ended. No lock helps against a process that was stopped and goes on later; so
 * one that does nothing but write this volume says so in its record, and is killed by whoever is to follow it.
 */
export interface VolumeLock {
  /** Path of the record that holds it: a file that isn't empty. */
  readonly record: string;
  /** Who left the volume whole before us, or null. */
  readonly completed: Completion | null;
  /** Others may take it; the epoch stays on record, and whether the volume is whole. Takes no space, so it works on a full pool. */
  release(volumeIs: 'unfinished' | 'whole'): Promise<void>;
  /** Removes the lock with all memory of it, where there is no volume either. */
  discard(): Promise<void>;
}

/** A volume that was left whole: under which epoch, and by which run. */
export interface Completion {
  readonly epoch: number;
  readonly runId: string | null;
}

export interface LockHolder {
  readonly epoch: number;
  readonly runId: string | null;
  /** Whether a successor may kill this process. */
  readonly mayBeKilled: boolean;
}

interface LockRecord extends LockHolder {
  readonly generation: number;
  /** null once released. */
  readonly owner: ProcessIdentity | null;
  readonly completed: Completion | null;
}

/**
 * @throws Refusal('Fenced') if a newer epoch is on record; Error while another living process holds the lock; ENOENT if the
 * folder's parent isn't there.
 */
export async function lockVolume(folder: string, holder: LockHolder): Promise<VolumeLock> {
  let locked: Locked | null = null;
  while (locked === null) {
    await makeFolder(folder);
    locked = await tryLock(folder, holder);
  }
  const record = join(folder, `${locked.generation}`);
  return {
    record,
    completed: locked.completed,
    release: (volumeIs) => rename(record, `${record}.${SUFFIXES[volumeIs]}`).catch(unlessGone),
    discard: async () => {
      // Renamed first: nobody ever sees a folder with a part of its records.
      const gone = `${folder}.${randomUUID()}`;
      await rename(folder, gone).catch(unlessGone);
      await rm(gone, { recursive: true, force: true });
    },
  };
}

const SUFFIXES = { unfinished: 'released', whole: 'complete' } as const;

type Locked = Pick<LockRecord, 'generation' | 'completed'>;

/** For a deletion, which must also work where there is no space for a record. @throws Error as `lockVolume` */
export async function requireNoOtherProcess(folder: string): Promise<void> {
  let looked = false;
  while (!looked) {
    try {
      await requireFree(await lastRecord(folder), Infinity);
      looked = true;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      looked = await isMissing(folder);
    }
  }
}

/** Under which the lock is ours, or null if somebody moved in between and it's worth another look. */
async function tryLock(folder: string, holder: LockHolder): Promise<Locked | null> {
  const draftName = `${randomUUID()}.draft`;
  const draft = join(folder, draftName);
  try {
    // Written before the look: should the folder be discarded meanwhile, the draft goes with it and `link` fails.
    const content = { ...(await thisProcess()), ...holder };
    await writeFile(draft, JSON.stringify(content), { mode: 0o600 });
    const last = await lastRecord(folder);
    const { epoch } = holder;
    if (last && last.epoch > epoch) {
      throw new Refusal('Fenced', `A newer attempt (epoch ${last.epoch}) has taken over from this one (${epoch}).`);
    }
    await requireFree(last, epoch);
    const generation = (last?.generation ?? 0) + 1;
    const completed = last?.completed ?? null;
    // The same file, which must still be there; longer than it was, so nothing of that is left.
    if (completed) await writeFile(draft, JSON.stringify({ ...content, completed }), { flag: 'r+' });
    await link(draft, join(folder, `${generation}`));
    return (await isLast(folder, generation, draftName)) ? { generation, completed } : null;
  } catch (error) {
    // EEXIST: another process was faster. ENOENT: a record was released, or the folder discarded, under our eyes.
    if (hasCode(error, 'EEXIST', 'ENOENT')) return null;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Whether the record that we linked counts: the look before it may have been so old that the volume changed hands several
 * times. The draft tells that the folder is still the one that was looked at. Ours now, everything older is removed.
 */
async function isLast(folder: string, generation: number, draftName: string): Promise<boolean> {
  const names = await readdir(folder);
  const others = names.filter((name) => name !== `${generation}`);
  if (!names.includes(draftName) || others.some((name) => generationOf(name) >= generation)) return false;
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
  return true;
}

/** Frees it from an older writer that may be killed. */
async function requireFree(record: LockRecord | null, epoch: number): Promise<void> {
  const owner = record?.owner;
  if (!owner || sameProcess(owner, await thisProcess()) || !(await isAlive(owner))) return;
  if (record.mayBeKilled && record.epoch < epoch && (await killProcess(owner))) return;
  throw new Error(`The volume is in use by process ${owner.pid} (epoch ${record.epoch}).`);
}

async function lastRecord(folder: string): Promise<LockRecord | null> {
  const names = (await readdir(folder)).filter((name) => generationOf(name) > 0);
  const [last] = names.sort(newestFirst);
  if (last === undefined) return null;
  const content = parseRecord(await readFile(join(folder, last), 'utf8'));
  const owner = content && !isReleased(last) ? { pid: content.pid, startedAt: content.startedAt } : null;
  const { epoch = 0, mayBeKilled = false, runId = null, completed = null } = content ?? {};
  const left = last.endsWith(`.${SUFFIXES.whole}`) ? { epoch, runId } : completed;
  return { generation: generationOf(last), epoch, runId, mayBeKilled, owner, completed: left };
}

/** A released record goes before one of the same number, which was linked too late and doesn't count. */
function newestFirst(one: string, other: string): number {
  return generationOf(other) - generationOf(one) || Number(isReleased(other)) - Number(isReleased(one));
}

/** 0 for what isn't a record. */
function generationOf(name: string): number {
  return Number(/^([1-9]\d*)(\.(released|complete))?$/.exec(name)?.[1] ?? 0);
}

function isReleased(name: string): boolean {
  return Object.values(SUFFIXES).some((suffix) => name.endsWith(`.${suffix}`));
}

const recordSchema = z.object({
  pid: z.int(),
  startedAt: z.string(),
  epoch: z.int(),
  mayBeKilled: z.boolean().optional(),
  runId: z.string().nullish(),
  completed: z.object({ epoch: z.int(), runId: z.string().nullable() }).optional(),
});

/** Records appear whole. One that can't be read survived a loss of power, which its process didn't: null. */
function parseRecord(text: string): z.infer<typeof recordSchema> | null {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Not recursive: a pool that isn't mounted must not come into being. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
}

async function isMissing(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => false,
    (error: unknown) => hasCode(error, 'ENOENT'),
  );
}

function unlessGone(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}
