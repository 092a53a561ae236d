import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { Backup } from '../domain/backup';
import { Refusal } from '../domain/errors';
import type { Volume } from '../domain/volume';
import { backupNotFound, findBackup } from './backups';
import type { BackupFilter, Listed, Page, TimeComparison, Visibility, VolumeFilter, VolumeSummary } from './catalog';
import { isStorable } from './database';
import type { Database } from './database';
import { order, startsBehind } from './paging';
import { selectBackups, selectVolumes } from './rows';
import { findVolume } from './volumes';

export async function listVolumes(db: Database, page: Page<VolumeFilter>): Promise<Listed<Volume>> {
  if (page.marker !== null && !(await findVolume(db, page.marker, page.visibility))) {
    throw new Refusal('VolumeNotFound', `Volume ${page.marker} could not be found.`);
  }
  const matches = all([...visible('volumes', page.visibility), ...volumeConditions(page.filter)]);
  const rows = await selectVolumes(db)
    .where(matches)
    .where(startsBehind('volumes', page))
    .orderBy(order('volumes', page))
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  return { rows, total: await count(db, 'volumes', matches) };
}

export async function listBackups(db: Database, page: Page<BackupFilter>): Promise<Listed<Backup>> {
  if (page.marker !== null && !(await findBackup(db, page.marker, page.visibility))) throw backupNotFound(page.marker);
  const matches = all([...visible('backups', page.visibility), ...backupConditions(page.filter)]);
  const rows = await selectBackups(db)
    .where(matches)
    .where(startsBehind('backups', page))
    .orderBy(order('backups', page))
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  return { rows, total: await count(db, 'backups', matches) };
}

/** H-50. */
export async function summarizeVolumes(db: Database, visibility: Visibility): Promise<VolumeSummary> {
  const seen = all(visible('volumes', visibility));
  const { count, sizeGib } = await db
    .selectFrom('volumes')
    .select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size_gib), 0)`.as('sizeGib')])
    .where(seen)
    .executeTakeFirstOrThrow();
  const { rows } = await sql<{ key: string; values: string[] }>`
    select key, array_agg(distinct value order by value) as values
    from volumes, jsonb_each_text(metadata) where ${seen} group by key order by key`.execute(db);
  return { count, sizeGib, metadata: Object.fromEntries(rows.map(({ key, values }) => [key, values])) };
}

type Condition = RawBuilder<SqlBool>;

function visible(table: 'volumes' | 'backups', visibility: Visibility): readonly Condition[] {
  const live = sql<SqlBool>`${sql.ref(`${table}.status`)} <> 'deleted'`;
  return visibility === 'all-projects' ? [live] : [live, equal(`${table}.project_id`, visibility.projectId)];
}

function volumeConditions(filter: VolumeFilter): readonly Condition[] {
  return [
    equal('volumes.id', filter.id),
    equal('volumes.name', filter.name),
    equal('volumes.status', filter.status),
    equal('volumes.availability_zone', filter.availabilityZone),
    equal('volumes.bootable', filter.bootable),
    equal('volumes.size_gib', filter.sizeGib),
    contains('volumes.metadata', filter.metadata),
    holds('volumes.name', filter.nameContains),
    filter.isAttached === undefined ? ALWAYS : isAttached(filter.isAttached),
    attachedAs('id', filter.attachmentId),
    attachedAs('serverId', filter.serverId),
    ...compares('volumes.created_at', filter.createdAt),
    ...compares('volumes.updated_at', filter.updatedAt),
  ];
}

function backupConditions(filter: BackupFilter): readonly Condition[] {
  return [
    equal('backups.name', filter.name),
    holds('backups.name', filter.nameContains),
    equal('backups.status', filter.status),
    equal('backups.volume_id', filter.volumeId),
  ];
}

const ALWAYS = sql<SqlBool>`true`;
const NEVER = sql<SqlBool>`false`;

function equal(column: string, value: string | number | boolean | undefined): Condition {
  if (value === undefined) return ALWAYS;
  if (typeof value === 'string' && !isStorable(value)) return NEVER;
  // A size that no integer column can hold is the size of no volume.
  if (typeof value === 'number' && !(Number.isInteger(value) && Math.abs(value) < 2 ** 31)) return NEVER;
  return sql<SqlBool>`${sql.ref(column)} = ${value}`;
}

function contains(column: string, metadata: Readonly<Record<string, string>> | undefined): Condition {
  if (metadata === undefined) return ALWAYS;
  if (!Object.entries(metadata).flat().every(isStorable)) return NEVER;
  return sql<SqlBool>`${sql.ref(column)} @> ${JSON.stringify(metadata)}::jsonb`;
}

function isAttached(wanted: boolean): Condition {
  return wanted ? sql<SqlBool>`volumes.attachment is not null` : sql<SqlBool>`volumes.attachment is null`;
}

function attachedAs(key: 'id' | 'serverId', value: string | undefined): Condition {
  if (value === undefined) return ALWAYS;
  return isStorable(value) ? sql<SqlBool>`volumes.attachment ->> ${key} = ${value}` : NEVER;
}

/** Not LIKE, in whose operand `%` and `_` stand for others. Case doesn't matter, as in Cinder's database. */
function holds(column: string, part: string | undefined): Condition {
  if (part === undefined) return ALWAYS;
  return isStorable(part) ? sql<SqlBool>`strpos(lower(${sql.ref(column)}), lower(${part})) > 0` : NEVER;
}

const OPERATORS = { gt: sql`>`, gte: sql`>=`, lt: sql`<`, lte: sql`<=`, eq: sql`=`, neq: sql`<>` };

function compares(column: string, comparisons: readonly TimeComparison[] = []): readonly Condition[] {
  return comparisons.map(({ operator, at }) => sql<SqlBool>`${sql.ref(column)} ${OPERATORS[operator]} ${at}`);
}

function all(conditions: readonly Condition[]): Condition {
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

async function count(db: Database, table: 'volumes' | 'backups', matches: Condition): Promise<number> {
  const { total } = await db
    .selectFrom(table)
    .select(sql<number>`count(*)`.as('total'))
    .where(matches)
    .executeTakeFirstOrThrow();
  return total;
}
