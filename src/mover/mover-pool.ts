import { orAborted } from '../copy/or-aborted';
import { CallProcess } from './call-process';
import type { Moved, MoveEvents, Movers, NativeMove, PlannedMove } from './mover';
import type { MoverChildOptions } from './mover-child';
import { MoverProcess } from './mover-process';
import type { PoolCalls } from './pool-calls';
import type { Order, Outcome } from './protocol';

/** What one copy takes at most above an idle process. */
const MOVER_MIB = 256;

export interface MoverPoolOptions extends MoverChildOptions {
  /** Memory for all moves together; more of them wait. */
  readonly memoryMib: number;
}

export interface MoverPool extends Movers {
  /** Short calls, in another process, which never wait for moves. */
  readonly poolCalls: PoolCalls;
  /** Returns when a move could begin at once. */
  ready(): Promise<void>;
  /** Ends all of them. */
  stop(): Promise<void>;
}

/** Movers as processes of their own. One is kept started, so that a small restore doesn't wait for it. */
export function moverPool(options: MoverPoolOptions): MoverPool {
  const pool = new Processes(options);
  const calls = new CallProcess(options);
  return {
    createFromBackup: async (job, events) => {
      // A raw volume may be wanted next.
      calls.start();
      return asNative(await pool.run({ move: 'createFromBackup', job }, events));
    },
    restoreBackup: async (job, events) => asMoved(await pool.run({ move: 'restoreBackup', job }, events)),
    planRestore: async (job, events) =>
      asPlanned(await pool.run({ move: 'planRestore', job }, { ...ASKED_NOTHING, ...events })),
    poolCalls: calls.call,
    ready: () => pool.ready(),
    stop: async () => {
      await Promise.all([pool.stop(), calls.kill()]);
    },
  };
}

class Processes {
  private readonly all = new Set<MoverProcess>();
  private idle: MoverProcess[] = [];
  private busy = 0;
  private waiting: (() => void)[] = [];
  private readonly most: number;
  private isStopping = false;

  constructor(private readonly options: MoverPoolOptions) {
    this.most = Math.max(1, Math.floor(options.memoryMib / MOVER_MIB));
    this.keepOneIdle();
  }

  async run(order: Order, events: MoveEvents): Promise<Outcome> {
    await this.turn(events);
    const mover = this.take();
    try {
      const result = await mover.move(order, events);
      this.idle.push(mover);
      return result;
    } catch (error) {
      // It is gone: who knows what it still held.
      this.all.delete(mover);
      throw error;
    } finally {
      this.busy -= 1;
      for (const wake of this.waiting.splice(0)) wake();
      this.keepOneIdle();
    }
  }

  async ready(): Promise<void> {
    await Promise.all(this.idle.map((mover) => mover.ready));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([...this.all].map((mover) => mover.kill()));
  }

  /** Waits until there is memory for one more. */
  private async turn({ signal, onProgress }: MoveEvents): Promise<void> {
    while (this.busy >= this.most) {
      onProgress({ phase: 'wait', doneBytes: 0, totalBytes: 0, bytesPerSecond: 0 });
      await orAborted(new Promise<void>((resolve) => this.waiting.push(resolve)), signal);
    }
    this.busy += 1;
  }

  private take(): MoverProcess {
    this.idle = this.idle.filter(({ isAlive }) => isAlive);
    return this.idle.pop() ?? this.start();
  }

  private keepOneIdle(): void {
    if (this.isStopping) return;
    if (this.idle.length === 0) this.idle.push(this.start());
    for (const mover of this.idle.splice(1)) this.end(mover);
  }

  private start(): MoverProcess {
    const mover = new MoverProcess(this.options);
    this.all.add(mover);
    return mover;
  }

  private end(mover: MoverProcess): void {
    this.all.delete(mover);
    void mover.kill();
  }
}

/** Who plans has no questions. */
const ASKED_NOTHING: Pick<MoveEvents, 'confirm' | 'onPlanned' | 'saveCheckpoint' | 'permit'> = {
  confirm: answeredNothing,
  onPlanned: answeredNothing,
  saveCheckpoint: answeredNothing,
  permit: answeredNothing,
};

function answeredNothing(): never {
  throw somethingElse();
}

function asMoved(result: Outcome): Moved {
  if ('kind' in result) throw somethingElse();
  return result;
}

function asNative(result: Outcome): NativeMove {
  if (!('kind' in result) || result.kind === 'planned') throw somethingElse();
  return result;
}

function asPlanned(result: Outcome): PlannedMove {
  if (!('kind' in result) || result.kind !== 'planned') throw somethingElse();
  return result;
}

function somethingElse(): Error {
  return new Error('The mover said something else than it was asked for.');
}
