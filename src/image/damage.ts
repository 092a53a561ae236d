import { Refusal } from '../domain/errors';

/** One object of one backup, as messages name it. */
export interface ObjectOfBackup {
  readonly backupId: string;
  readonly objectName: string;
}

/** @param fault completes "Backup <id> is damaged: …" without the full stop. */
export function damaged(backupId: string, fault: string, cause?: unknown): Refusal {
  return new Refusal('BackupDamaged', `Backup ${backupId} is damaged: ${fault}.`, { cause });
}

/** @param fault completes "object <name> …", with both values where two were compared. */
export function damagedObject(where: ObjectOfBackup, fault: string, cause?: unknown): Refusal {
  return damaged(where.backupId, `object ${where.objectName} ${fault}`, cause);
}
