import { setImmediate } from 'node:timers/promises';

const LONGEST_TURN_MS = 10;

/** For loops that compute: lets timers and I/O of the process have their turn, heartbeats among them. */
export class EventLoopTurns {
  private turnBeganMs = performance.now();

  async offer(): Promise<void> {
    if (performance.now() - this.turnBeganMs < LONGEST_TURN_MS) return;
    await setImmediate();
    this.turnBeganMs = performance.now();
  }
}
