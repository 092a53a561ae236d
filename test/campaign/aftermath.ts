import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { PROJECT } from '../support/house';
import { holds } from './content';
import type { Ledger } from './ledger';
import type { Stage } from './stage';

/** What is left once everything that was begun has had the time to end. */
export interface Aftermath {
  readonly available: number;
  /** Ids of those that are in some error now. */
  readonly errors: readonly string[];
  /** What users were told while it went on: also of volumes that were retried or deleted since. */
  readonly messages: readonly Told[];
  readonly deleted: number;
  /** Volumes, backups and workflows that have not come to an end. */
  readonly stuck: readonly string[];
  /** Volumes that are said to be complete, and aren't. */
  readonly wrong: readonly string[];
  /** Promises that were not kept. */
  readonly lost: readonly string[];
  /** What nobody has any use for: files, locks, debts, readers, quota. */
  readonly leaked: readonly string[];
  /** Errors that don't tell the user why, or what to do. */
  readonly unexplained: readonly string[];
}

const END_WITHIN_MS = 120_000;
const ENDS = ['available', 'error', 'error_restoring', 'error_extending', 'deleted'];

interface VolumeRow {
  readonly id: string;
  readonly status: string;
  readonly host: string | null;
  readonly sizeGib: number;
  readonly hasCheckpoint: boolean;
  readonly requestId: string;
}

/** Waits until nothing goes on any more, or for so long that it never will, and judges. */
export async function judge(stage: Stage, ledger: Ledger): Promise<Aftermath> {
  const database = new Client({ connectionString: stage.database.url });
  await database.connect();
  try {
    const end = await whenQuiet(stage, database);
    const errors = end.volumes.filter(({ status }) => status.startsWith('error')).map(({ id }) => id);
    const messages = await messagesIn(database);
    return {
      ...counted(end.volumes),
      errors,
      messages,
      stuck: end.stuck,
      wrong: [...ledger.wrong, ...(await wrongOf(stage, ledger, end.volumes))],
      lost: lostOf(ledger, end.volumes),
      leaked: end.leaked,
      unexplained: unexplainedOf(errors, messages),
    };
  } finally {
    await database.end();
  }
}

interface End {
  readonly volumes: readonly VolumeRow[];
  readonly stuck: readonly string[];
  readonly leaked: readonly string[];
}

async function whenQuiet(stage: Stage, database: Client): Promise<End> {
  for (const deadline = performance.now() + END_WITHIN_MS; ;) {
    const volumes = await volumesOf(database);
    const stuck = [...(await stuckRows(database, volumes)), ...(await openWorkflows(stage))];
    const leaked = stuck.length > 0 ? [] : await leakedOf(stage, database, volumes);
    const isQuiet = stuck.length === 0 && leaked.length === 0;
    if (isQuiet || performance.now() > deadline) return { volumes, stuck, leaked };
    await sleep(500);
  }
}

async function volumesOf(database: Client): Promise<VolumeRow[]> {
  const { rows } = await database.query<VolumeRow>(`
    select id, status, host, size_gib as "sizeGib", checkpoint is not null as "hasCheckpoint", request_id as "requestId"
    from volumes order by created_at`);
  return rows;
}

async function stuckRows(database: Client, volumes: readonly VolumeRow[]): Promise<string[]> {
  const { rows: backups } = await database.query<{ id: string; status: string }>(
    `select id, status from backups where status <> 'available'`,
  );
  return [
    ...volumes.filter(({ status }) => !ENDS.includes(status)).map(({ id, status }) => `volume ${id} is ${status}`),
    ...backups.map(({ id, status }) => `backup ${id} is ${status}`),
  ];
}

async function openWorkflows(stage: Stage): Promise<string[]> {
  const client = await stage.client();
  try {
    const open: string[] = [];
    const query = `ExecutionStatus = 'Running' AND WorkflowType IN ('createVolume', 'createVolumeFromBackup', 'deleteVolume', 'restoreVolume', 'extendVolume')`;
    for await (const { workflowId } of client.workflow.list({ query })) open.push(`workflow ${workflowId} is open`);
    return open;
  } finally {
    await client.connection.close();
  }
}

async function leakedOf(stage: Stage, database: Client, volumes: readonly VolumeRow[]): Promise<string[]> {
  const { rows: debts } = await database.query<{ volume_id: string; pool_name: string; kept: boolean }>(
    `select volume_id, pool_name, due_at > clock_timestamp() as kept from owed_removals`,
  );
  const { rows: readers } = await database.query<{ backup_id: string; volume_id: string }>(
    'select backup_id, volume_id from backup_readers',
  );
  const placed = volumes.filter(({ host }) => host !== null).map(({ id, host }) => `${host} ${id}`);
  const kept = debts.filter((debt) => debt.kept).map((debt) => `${debt.pool_name} ${debt.volume_id}`);
  const atHome = new Set([...placed, ...kept]);
  const failed = new Set(volumes.filter(({ status }) => status === 'error').map(({ id }) => id));
  return [
    ...filesWithoutHome(stage, atHome),
    ...debts.filter((debt) => !debt.kept).map((debt) => `removal of ${debt.volume_id} from ${debt.pool_name} is owed`),
    ...kept.filter((home) => !failed.has(home.split(' ')[1]!)).map((home) => `${home} is kept for nobody`),
    ...readers.map((reader) => `volume ${reader.volume_id} still reads backup ${reader.backup_id}`),
    ...volumes
      .filter(({ status, host }) => (status === 'deleted' || status === 'error') && host !== null)
      .map(({ id, status, host }) => `${status} volume ${id} still holds room on ${host}`),
    ...volumes
      .filter(({ status, hasCheckpoint }) => hasCheckpoint && (status === 'available' || status === 'deleted'))
      .map(({ id, status }) => `${status} volume ${id} has a checkpoint`),
    ...(await quotaLeft(stage, volumes)),
  ];
}

/** What the service says of the project's use, beside what is there. */
async function quotaLeft(stage: Stage, volumes: readonly VolumeRow[]): Promise<string[]> {
  const alive = volumes.filter(({ status }) => status !== 'deleted');
  const sizeGib = alive.reduce((sum, volume) => sum + volume.sizeGib, 0);
  const response = await fetch(`${stage.apis[0]!.url}/v3/${PROJECT}/os-quota-sets/${PROJECT}?usage=True`, {
    headers: { 'X-Auth-Token': `tester:${PROJECT}` },
  }).catch(() => null);
  if (!response?.ok) return ['the quota can not be asked for'];
  const { quota_set: quota } = (await response.json()) as {
    quota_set: Record<'volumes' | 'gigabytes', { in_use: number; reserved: number }>;
  };
  const used = (name: 'volumes' | 'gigabytes'): number => quota[name].in_use + quota[name].reserved;
  const faults: string[] = [];
  if (used('volumes') !== alive.length) faults.push(`quota counts ${used('volumes')} volumes of ${alive.length}`);
  if (used('gigabytes') !== sizeGib) faults.push(`quota counts ${used('gigabytes')} GiB of ${sizeGib}`);
  return faults;
}

/** A volume that is at home in a pool has its file there, and one lock, which nobody holds. */
function filesWithoutHome({ pools }: Stage, atHome: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const [pool, folder] of pools) {
    for (const name of readdirSync(folder)) {
      const parts = /^volume-([0-9a-f-]{36})(\..*)?$/.exec(name);
      const isAtHome = parts !== null && atHome.has(`${pool} ${parts[1]}`);
      if (!isAtHome) found.push(`${name} lies in ${pool}, without a volume`);
      else if (parts[2] === '.lock') found.push(...lockLeft(path.join(folder, name)));
      else if (parts[2] !== undefined) found.push(`${name} lies in ${pool}`);
    }
  }
  return found;
}

function lockLeft(folder: string): string[] {
  const names = readdirSync(folder);
  const drafts = names.filter((name) => name.endsWith('.draft'));
  return drafts.length > 0 ? [`${folder} holds ${drafts.join(', ')}`] : [];
}

function counted(volumes: readonly VolumeRow[]): Pick<Aftermath, 'available' | 'deleted'> {
  const count = (wanted: string): number => volumes.filter(({ status }) => status === wanted).length;
  return { available: count('available'), deleted: count('deleted') };
}

async function wrongOf(stage: Stage, ledger: Ledger, volumes: readonly VolumeRow[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id } of volumes.filter(({ status }) => status === 'available')) {
    const entry = ledger.accepted().find(({ volumeId }) => volumeId === id);
    const fault = entry ? await holds(stage, entry) : null;
    if (fault !== null) wrong.push(fault);
  }
  return wrong;
}

function lostOf(ledger: Ledger, volumes: readonly VolumeRow[]): string[] {
  const rows = new Map(volumes.map((row) => [row.id, row]));
  const promised = new Map(ledger.accepted().map((entry) => [entry.volumeId, entry]));
  const lost = ledger.accepted().flatMap(({ key, volumeId, wish, complaint }) => {
    const row = rows.get(volumeId);
    if (complaint !== null) return [`${key} (${volumeId}): ${complaint}`];
    if (!row) return [`${key} (${volumeId}) was accepted, and is not there`];
    if (wish === 'deleted' && row.status !== 'deleted')
      return [`${key} (${volumeId}) was deleted, and is ${row.status}`];
    return wish === 'kept' && row.status === 'deleted' ? [`${key} (${volumeId}) is gone`] : [];
  });
  const unasked = volumes.filter(({ id }) => !promised.has(id)).map(({ id }) => `nobody was told of volume ${id}`);
  return [...lost, ...unasked];
}

interface Told {
  readonly volumeId: string;
  readonly message: string;
}

async function messagesIn(database: Client): Promise<Told[]> {
  const { rows } = await database.query<Told>(
    'select resource_id as "volumeId", text as message from messages order by created_at',
  );
  return rows;
}

/** A reason, and a next step: what the user can do. */
const NEXT_STEP = /\b(retry|delete|create it again|restore|check|try|add|free|ask|reset)\b/i;

function unexplainedOf(errors: readonly string[], messages: readonly Told[]): string[] {
  const silent = errors.filter((id) => !messages.some(({ volumeId }) => volumeId === id));
  return [
    ...silent.map((id) => `${id}: no message`),
    ...messages
      .filter(({ message }) => !NEXT_STEP.test(message))
      .map(({ volumeId, message }) => `${volumeId}: ${message}`),
  ];
}
