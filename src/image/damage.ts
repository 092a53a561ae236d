import { Refusal } from '../domain/errors';

/** One object of one backup, as messages name it. */
export interface ObjectOfBackup {
  readonly backupId: string;
  readonly objectName: string;
}

/** Faults quote what others wrote, which may be of any length and hold anything; they end up in rows and on terminals. */
const MAX_FAULT_CHARACTERS = 1000;

/** @param fault completes "Backup <id> is damaged: …" without the full stop. */
export function damaged(backupId: string, fault: string, cause?: unknown): Refusal {
  const shown = fault.length > MAX_FAULT_CHARACTERS ? `${fault.slice(0, MAX_FAULT_CHARACTERS)}…` : fault;
  const printable = shown.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, '\uFFFD');
  return new Refusal('BackupDamaged', `Backup ${backupId} is damaged: ${printable}.`, { cause });
}

/** @param fault completes "object <name> …", with both values where two were compared. */
export function damagedObject(where: ObjectOfBackup, fault: string, cause?: unknown): Refusal {
  return damaged(where.backupId, `object ${where.objectName} ${fault}`, cause);
}
