import { setImmediate } from 'node:timers/promises';

const LONGEST_TURN_MS = 10;

/** For loops that compute: lets timers and I/O of the process have their turn, heartbeats among them. */
export class EventLoopTurns {
  private turnBeganMs = performance.now();

  /** For loops of so many short steps that to await each would take longer than the step. */
  get isDue(): boolean {
    return performance.now() - this.turnBeganMs >= LONGEST_TURN_MS;
  }

  async offer(): Promise<void> {
    if (!this.isDue) return;
    await setImmediate();
    this.turnBeganMs = performance.now();
  }
}
