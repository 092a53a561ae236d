import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { retryRequestOf } from '../../src/domain/retry';
import { eventually } from '../support/eventually';
import { LATEST_FAULT } from './faults';
import type { Strike } from './faults';
import { ask, newSubject, workflowsOf } from './subject';
import type { Subject } from './subject';
import { endOf, filesOf, look, settled, verifyCleanSlate } from './verify';
import type { Fault } from './verify';
import { remove } from './requests';
import type { End, Way } from './way';
import type { World } from './world';

export interface Case {
  readonly way: Way;
  readonly strikes: readonly Strike[];
  /** Where it may lead. */
  readonly ends: readonly End[];
}

export interface Verdict {
  readonly end: End | 'stuck';
  /** Strikes that never had their moment. */
  readonly missed: readonly Strike[];
  readonly faults: readonly Fault[];
}

/** Nothing takes longer, whatever happened. */
const PATIENCE_MS = 180_000;
/** As the API waits; shorter where nobody will answer. */
const ANSWER_MS = 20_000;
const NO_ANSWER_MS = 3_000;

/** Runs a case, waits for its end, and for that of whatever was left behind; then judges what is there. */
export async function runCase(world: World, { way, strikes, ends }: Case): Promise<Verdict> {
  const failsAlways = strikes.some(({ fault, step }) => fault === 'fails always' && step.startsWith('accept'));
  const subject = newSubject(world, failsAlways ? NO_ANSWER_MS : ANSWER_MS);
  const { faults } = subject;
  try {
    await way.prepare(subject);
    faults.plan([...(way.given ?? []), ...strikes]);
    const asked = await way.act(subject);
    const rests = await settled(subject, PATIENCE_MS);
    if (strikes.some(({ fault }) => fault === LATEST_FAULT)) await usePathAgain(subject);
    await faults.end();
    const isOver = rests && (await settled(subject, PATIENCE_MS));
    const found = await look(subject);
    const end = isOver ? endOf(subject, found) : 'stuck';
    const wrong = await verifyCleanSlate(subject, end, found);
    wrong.push(...(await verifySomebodyElses(subject)));
    if (end !== 'stuck' && !ends.includes(end))
      wrong.push({ kind: 'wrong', what: `ends ${end}, not ${ends.join(' or ')}: ${found.messages.join(' | ')}` });
    if (asked.kind === 'accepted' && end === 'refused') wrong.push({ kind: 'lost', what: 'what was accepted' });
    if (asked.kind === 'refused' && !['refused', 'as it was', way.end].includes(end))
      wrong.push({ kind: 'wrong', what: `refused (${asked.refusal.message}), and yet ${end}` });
    const missed = faults.missed();
    if (wrong.length === 0) wrong.push(...(await nextStep(subject, end)));
    return { end, missed, faults: wrong };
  } finally {
    await faults.end();
    await cleanUp(subject);
  }
}

const SOMEBODY_ELSES = randomBytes(128 * 1024);

/** The volume is deleted, if it can be, and what lies under its path then is somebody else's. */
async function usePathAgain(subject: Subject): Promise<void> {
  subject.messagesBefore += 1;
  await remove(subject);
  await settled(subject, PATIENCE_MS);
  if (endOf(subject, await look(subject)) !== 'gone') return;
  await writeFile(subject.file, SOMEBODY_ELSES);
  subject.isSomebodyElses = true;
}

async function verifySomebodyElses({ file, isSomebodyElses }: Subject): Promise<Fault[]> {
  if (!isSomebodyElses) return [];
  const isAsItWas = SOMEBODY_ELSES.equals(await readFile(file));
  await rm(file);
  return isAsItWas ? [] : [{ kind: 'wrong', what: "somebody else's data has been written to" }];
}

/** What the message says can be done, can be done. */
async function nextStep(subject: Subject, end: End | 'stuck'): Promise<Fault[]> {
  subject.faults.lift();
  subject.world.disks.forget(subject.volumeId);
  subject.world.repositories.forget(subject.backupId);
  if (end === 'error, data kept' && subject.zone === null) return retried(subject);
  if (end.startsWith('error')) return deleted(subject);
  return [];
}

async function retried(subject: Subject): Promise<Fault[]> {
  const { world, volumeId, backupId } = subject;
  subject.messagesBefore += 1;
  const volume = await world.catalog.findVolume(volumeId, 'all-projects');
  if (volume?.backupId !== backupId) return deleted(subject);
  // Temporal starts no two runs of one id within a second.
  await eventually(async () => {
    const asked = await ask(workflowsOf(subject).retry(retryRequestOf(volume, backupId)));
    return asked.kind === 'accepted' ? true : null;
  }, 10_000).catch(() => undefined);
  const rests = await settled(subject, PATIENCE_MS);
  const found = await look(subject);
  const end = rests ? endOf(subject, found) : 'stuck';
  const faults = await verifyCleanSlate(subject, end, found);
  if (end !== 'available')
    faults.push({ kind: 'wrong', what: `retried, it ends ${end}: ${found.messages.join(' | ')}` });
  return faults;
}

async function deleted(subject: Subject): Promise<Fault[]> {
  subject.messagesBefore += 1;
  if ((await remove(subject)).kind !== 'accepted') return [{ kind: 'stuck', what: 'it cannot be deleted' }];
  const rests = await settled(subject, PATIENCE_MS);
  const found = await look(subject);
  const isDeserted = found.debts.every(({ pool }) => pool.startsWith('gone@'));
  const end = rests ? endOf(subject, found) : 'stuck';
  const faults = await verifyCleanSlate(subject, end, isDeserted ? { ...found, debts: [], capacityGib: 0 } : found);
  if (end !== 'gone') faults.push({ kind: 'wrong', what: `deleted, it ends ${end}` });
  return faults;
}

/** So that thousands of cases don't fill a disk, nor a pool. */
async function cleanUp(subject: Subject): Promise<void> {
  const { world, volumeId, backupId, projectId } = subject;
  world.injector.remove([volumeId, backupId]);
  world.disks.forget(volumeId);
  world.repositories.forget(backupId);
  for (const name of filesOf(subject)) await rm(`${world.house.poolPath()}/${name}`, { recursive: true, force: true });
  if (subject.faults.object !== '')
    rmSync(subject.faults.object.replace(/[^/]*$/, ''), { recursive: true, force: true });
  await world.query('delete from owed_removals where volume_id = $1', [volumeId]);
  await world.query('delete from backup_readers where volume_id = $1 or backup_id = $2', [volumeId, backupId]);
  await world.query('delete from volumes where id = $1', [volumeId]);
  await world.query('delete from backups where id = $1', [backupId]);
  await world.query('delete from messages where project_id = $1', [projectId]);
  await world.query('delete from pools where name = $1', [`gone@${volumeId}#pool`]);
}
