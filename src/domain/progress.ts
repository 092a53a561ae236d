/** How far a copy is: the heartbeat of restoreBackup and createFromBackup, read by operators in Temporal's UI. */
export interface Progress {
  readonly phase: 'plan' | 'copy' | 'clone' | 'verify';
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
}
