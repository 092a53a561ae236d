/** How far a copy is: the heartbeat of restoreBackup and createFromBackup, read by operators in Temporal's UI. */
export interface Progress {
  /** `wait`: for memory that other copies have; `resume`: looking at what an earlier attempt left on the target. */
  readonly phase: 'wait' | 'plan' | 'resume' | 'copy' | 'clone' | 'verify';
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
}
