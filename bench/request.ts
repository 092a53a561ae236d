import { writeFile } from 'node:fs/promises';
import type { BackupLink } from '../src/domain/backup';

/** What both restores are asked to do; the same file for both. */
export interface RestoreRequest {
  readonly repository: string;
  /** Leaf first. */
  readonly chain: readonly BackupLink[];
  readonly sizeBytes: number;
  /** Becomes a sparse file of `sizeBytes`; its name is `volume-<a UUID>`. */
  readonly target: string;
}

/** What they print at their end. */
export interface RestoreReport {
  /** From the start of the process until it could begin. */
  readonly startSeconds: number;
  /** From there until everything was synced. */
  readonly seconds: number;
  /** What our mover took at most, beyond what it takes when it is idle. */
  readonly moverMib?: number;
  /** For how long our mover's event loop was held up at most. */
  readonly loopMs?: number;
}

export async function writeRequest(file: string, request: RestoreRequest): Promise<void> {
  await writeFile(file, JSON.stringify(request));
}
