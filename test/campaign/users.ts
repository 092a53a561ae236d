import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { CampaignBackup } from './backups';
import { diceOf } from '../fuzz/dice';
import type { Dice } from '../fuzz/dice';
import { holds } from './content';
import type { Entry, Ledger } from './ledger';
import type { Answer, Requests } from './requests';
import type { Stage } from './stage';

/** A volume that isn't settled by then waits for the judgement at the end. */
const PATIENCE_MS = 240_000;
const LOOK_EVERY_MS = 150;
/** What fits on the small file system. */
const SMALL_BYTES = 16 * 1024 ** 2;

export interface UsersParts {
  readonly stage: Stage;
  readonly requests: Requests;
  readonly ledger: Ledger;
  readonly seed: number;
  readonly users: number;
  /** So many of them keep the volumes that they make; 1: all. */
  readonly keepsPercent: number;
}

/** People who create volumes all the time, restore into them, retry and delete them. Returns when each has ended what he was at. */
export async function startUsers(parts: UsersParts, stop: AbortSignal): Promise<void> {
  const lanes = Array.from({ length: parts.users }, async (_, index) => {
    const dice = diceOf(parts.seed * 1_000 + index);
    for (let count = 0; !stop.aborted; count += 1) await oneVolume(parts, dice, `user-${index}-volume-${count}`);
  });
  await Promise.all(lanes);
}

const shown = z.object({ volume: z.object({ id: z.string(), status: z.string(), size: z.int() }) });

async function oneVolume(parts: UsersParts, dice: Dice, key: string): Promise<void> {
  const { stage, ledger } = parts;
  const onTiny = stage.tiny.folder !== null && dice.chance(15);
  const backup = dice.pick(onTiny ? stage.backups.filter(({ bytes }) => bytes <= SMALL_BYTES) : stage.backups);
  const entry = ledger.open(key, backup);
  if (!(await create(parts, dice, { entry, backup, volumeType: onTiny ? 'tiny' : 'file' }))) return;
  if (dice.chance(12)) {
    await sleep(dice.between(0, 2_000));
    return remove(parts, dice, entry);
  }
  let status = await settled(parts, dice, entry);
  if (status === 'error' && dice.chance(70)) status = await retried(parts, dice, entry);
  if (status === 'available' && dice.chance(25)) status = await restored(parts, dice, entry, stage.backups);
  if (status === 'available' && dice.chance(12)) status = await extended(parts, dice, entry);
  if (status === null) return;
  if (onTiny || status !== 'available' || !dice.chance(parts.keepsPercent))
    await hashAndRemove(parts, dice, entry, status);
}

interface Creation {
  readonly entry: Entry;
  readonly backup: CampaignBackup;
  readonly volumeType: string;
}

/** An answer that was lost is asked for again under the same key. False: refused. */
async function create({ requests, ledger }: UsersParts, dice: Dice, creation: Creation): Promise<boolean> {
  const { entry, backup, volumeType } = creation;
  const body = { volume: { backup_id: backup.id, name: entry.key, volume_type: volumeType } };
  const answer = await requests.untilAnswered(dice, {
    method: 'POST',
    path: '/volumes',
    body,
    idempotencyKey: entry.key,
  });
  if (answer.status !== 202) {
    ledger.refused(`create: ${answer.status} ${messageIn(answer)}`);
    return false;
  }
  entry.volumeId = shown.parse(answer.body).volume.id;
  return true;
}

/** Its status once no work goes on; null if nobody has seen that in time. */
async function settled({ requests }: UsersParts, dice: Dice, entry: Entry): Promise<string | null> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const answer = await requests.untilAnswered(dice, { method: 'GET', path: `/volumes/${entry.volumeId}` });
    if (answer.status === 404) {
      entry.complaint = 'a volume that was accepted is not found';
      return null;
    }
    const { status, size } = shown.parse(answer.body).volume;
    entry.sizeGib = size;
    if (!['creating', 'restoring-backup', 'extending'].includes(status)) return status;
    await sleep(LOOK_EVERY_MS);
  }
  return null;
}

/** 202, or a refusal since an earlier try, whose answer was lost, was accepted: either way it is under way or over. */
async function retried(parts: UsersParts, dice: Dice, entry: Entry): Promise<string | null> {
  const { requests, ledger } = parts;
  ledger.retries += 1;
  const body = { 'rekindle-retry': {} };
  await requests.untilAnswered(dice, { method: 'POST', path: `/volumes/${entry.volumeId}/action`, body });
  return settled(parts, dice, entry);
}

async function restored(
  parts: UsersParts,
  dice: Dice,
  entry: Entry,
  backups: readonly CampaignBackup[],
): Promise<string | null> {
  const { requests, ledger } = parts;
  const backup = dice.pick(backups.filter(({ bytes }) => bytes <= SMALL_BYTES));
  const before = entry.mayHold;
  entry.mayHold = [...before, backup];
  entry.restores += 1;
  ledger.restores += 1;
  const body = { restore: { volume_id: entry.volumeId } };
  for (;;) {
    const answer = await requests.once(dice, { method: 'POST', path: `/backups/${backup.id}/restore`, body });
    if (answer?.status === 202) {
      entry.mayHold = [backup];
      break;
    }
    // Somebody heard an earlier try: the volume is being restored to, or has been.
    if (answer) {
      ledger.refused(`restore: ${answer.status} ${messageIn(answer)}`);
      break;
    }
    await sleep(LOOK_EVERY_MS);
  }
  const status = await settled(parts, dice, entry);
  return status;
}

/** To one GiB more; an answer that was lost leaves it open whether it was. */
async function extended(parts: UsersParts, dice: Dice, entry: Entry): Promise<string | null> {
  const { requests, ledger } = parts;
  ledger.extensions += 1;
  const body = { 'os-extend': { new_size: 2 } };
  const answer = await requests.untilAnswered(dice, {
    method: 'POST',
    path: `/volumes/${entry.volumeId}/action`,
    body,
  });
  const status = await settled(parts, dice, entry);
  const isPromised = answer.status === 202 && status === 'available';
  if (isPromised && entry.sizeGib !== 2) entry.complaint = `it was extended, and has ${entry.sizeGib} GiB`;
  return status;
}

async function hashAndRemove(parts: UsersParts, dice: Dice, entry: Entry, status: string): Promise<void> {
  const { ledger, stage } = parts;
  if (status === 'available') {
    ledger.hashed += 1;
    const fault = await holds(stage, entry);
    if (fault !== null) ledger.wrong.push(fault);
  }
  await remove(parts, dice, entry);
}

async function remove({ requests, ledger }: UsersParts, dice: Dice, entry: Entry): Promise<void> {
  entry.wish = 'deleted';
  ledger.deletions += 1;
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
    const answer = await requests.untilAnswered(dice, { method: 'DELETE', path: `/volumes/${entry.volumeId}` });
    // 400: a retry whose answer was lost has begun after all.
    if (answer.status === 202 || answer.status === 404) return;
    await sleep(LOOK_EVERY_MS);
  }
  entry.complaint = 'it could not be deleted';
}

function messageIn({ body }: Answer): string {
  const [fault] = Object.values(
    z
      .record(z.string(), z.object({ message: z.string() }))
      .catch({})
      .parse(body),
  );
  return fault?.message ?? '';
}
