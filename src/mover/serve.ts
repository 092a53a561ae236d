import { openVolumeDrivers } from '../drivers/volume/registry';
import { faultOf } from './faults';
import { moversHere } from './movers-here';
import type { MoveEvents, Movers } from './mover';
import { poolCallsHere } from './pool-calls';
import type { PoolCall, PoolCalls } from './pool-calls';
import type { Order, Outcome, Question, ToMover, ToWorker } from './protocol';
import { Questions } from './questions';

/** The worker's end of the channel, as a mover process sees it. */
export interface WorkerChannel {
  send(message: ToWorker): void;
  onMessage(listener: (message: ToMover) => void): void;
}

/** Progress is for people: so often is often enough. */
const PROGRESS_EVERY_MS = 50;

/** Carries out the jobs of one worker, one at a time, in a process of its own. */
export function serveMoves(channel: WorkerChannel): void {
  let movers: Movers | null = null;
  let poolCalls: PoolCalls | null = null;
  let abort: AbortController | null = null;
  const questions = new Questions<Question>((id, question) => channel.send({ kind: 'question', id, question }));
  channel.onMessage((message) => {
    if (message.kind === 'settings') {
      const volumeDrivers = openVolumeDrivers({ ...message.settings, mayBeKilled: true });
      movers = moversHere(message.settings, volumeDrivers);
      poolCalls = poolCallsHere(volumeDrivers);
      channel.send({ kind: 'ready' });
    } else if (message.kind === 'move' && movers) {
      abort = new AbortController();
      void carryOut({ channel, questions, movers, signal: abort.signal }, message.order);
    } else if (message.kind === 'call' && poolCalls) {
      void carryOutCall({ channel, questions, poolCalls }, message);
    } else if (message.kind === 'abort') {
      abort?.abort(new Error('The move was aborted.'));
    } else if (message.kind === 'answer') {
      questions.answered(message.id, message.permitted, message.fault);
    }
  });
}

interface Parts {
  readonly channel: WorkerChannel;
  readonly questions: Questions<Question>;
  readonly movers: Movers;
  readonly signal: AbortSignal;
}

async function carryOut(parts: Parts, order: Order): Promise<void> {
  try {
    const result = await outcomeOf(parts.movers, order, eventsOf(parts));
    parts.channel.send({ kind: 'done', result });
  } catch (error) {
    parts.channel.send({ kind: 'failed', fault: faultOf(error) });
  }
}

function outcomeOf(movers: Movers, order: Order, events: MoveEvents): Promise<Outcome> {
  return order.move === 'planRestore' ? movers.planRestore(order.job, events) : movers[order.move](order.job, events);
}

interface CallParts {
  readonly channel: WorkerChannel;
  readonly questions: Questions<Question>;
  readonly poolCalls: PoolCalls;
}

async function carryOutCall(
  { channel, questions, poolCalls }: CallParts,
  { id, call }: { id: number; call: PoolCall },
): Promise<void> {
  try {
    await poolCalls(call, async () => {
      await questions.ask({ about: 'confirm', call: id });
    });
    channel.send({ kind: 'called', id, fault: null });
  } catch (error) {
    channel.send({ kind: 'called', id, fault: faultOf(error) });
  }
}

function eventsOf({ channel, questions, signal }: Parts): MoveEvents {
  let toldAt = -Infinity;
  return {
    signal,
    onProgress: (progress) => {
      const isLast = progress.doneBytes === progress.totalBytes;
      if (!isLast && performance.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = performance.now();
      channel.send({ kind: 'progress', progress });
    },
    confirm: async () => {
      await questions.ask({ about: 'confirm', call: null });
    },
    onPlanned: async (volumeMeta) => {
      await questions.ask({ about: 'planned', volumeMeta });
    },
    saveCheckpoint: async (checkpoint) => {
      await questions.ask({ about: 'checkpoint', checkpoint });
    },
    permit: (bytes) => questions.ask({ about: 'permit', bytes }),
  };
}
