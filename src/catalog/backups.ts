import { sql } from 'kysely';
import type { Backup } from '../domain/backup';
import { Refusal } from '../domain/errors';
import type { Visibility } from './catalog';
import { isStorable } from './database';
import type { Database } from './database';
import { selectBackups } from './rows';

export async function findBackup(db: Database, id: string, visibility: Visibility): Promise<Backup | null> {
  if (!isStorable(id)) return null;
  let query = selectBackups(db).where('backups.id', '=', id).where('backups.status', '<>', 'deleted');
  if (visibility !== 'all-projects') query = query.where('backups.project_id', '=', visibility.projectId);
  return (await query.executeTakeFirst()) ?? null;
}

export function backupNotFound(id: string): Refusal {
  return new Refusal('BackupNotFound', `Backup ${id} could not be found.`);
}

export async function backupChain(db: Database, backupId: string): Promise<readonly Backup[]> {
  const links = new Map((await linksOf(db, backupId)).map((link) => [link.id, link]));
  if (!links.has(backupId)) throw backupNotFound(backupId);
  return inOrder(backupId, links);
}

/** `union` drops repeated rows, so this ends for a chain that bites its tail as well. */
async function linksOf(db: Database, backupId: string): Promise<readonly Backup[]> {
  return selectBackups(db)
    .where(
      sql<boolean>`backups.id in (
        with recursive chain as (
          select id, parent_id from backups where id = ${backupId}
          union
          select parent.id, parent.parent_id from backups parent join chain on parent.id = chain.parent_id
        )
        select id from chain
      )`,
    )
    .where('backups.status', '<>', 'deleted')
    .execute();
}

/** W-26: a chain that can't be restored is found before anything is written. */
function inOrder(leafId: string, links: ReadonlyMap<string, Backup>): readonly Backup[] {
  const chain = new Map<string, Backup>();
  for (let id: string | null = leafId; id !== null;) {
    const link: Backup | undefined = links.get(id);
    if (!link) throw damaged(leafId, `its parent ${id} does not exist`);
    if (chain.has(id)) throw damaged(leafId, `it leads back to ${id}`);
    chain.set(id, link);
    id = link.parentId;
  }
  return [...chain.values()];
}

function damaged(backupId: string, what: string): Refusal {
  return new Refusal('BackupDamaged', `The chain of backup ${backupId} is broken: ${what}.`);
}
