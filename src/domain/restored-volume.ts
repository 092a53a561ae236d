/** What a volume is called that a restore makes because it was given none (H-74). */
export const RESTORE_NAME_PREFIX = 'restore_backup_';
export const RESTORE_DESCRIPTION = 'auto-created_from_restore_from_backup';
