import type { ObjectStore } from '../../domain/object-store';

/** One repository of backups, read-only. The contract stands on `ObjectStore`. */
export interface BackupDriver extends ObjectStore {
  /** Whether rows whose `service` column says this are to be read here. Pre-Queens rows hold the module only (F-18). */
  serves(service: string): boolean;
}
