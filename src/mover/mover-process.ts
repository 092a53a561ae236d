import { errorOf, faultOf } from './faults';
import type { MoveEvents } from './mover';
import { MoverChild } from './mover-child';
import type { MoverChildOptions } from './mover-child';
import type { Order, Outcome, Question, ToWorker } from './protocol';

/** A mover that was told to stop gets so long to close its target before it is killed. */
const ABORT_MS = 5_000;
/** One mover process, from this worker's side. Carries out one move at a time. */
export class MoverProcess {
  private readonly child: MoverChild;
  /** Resolves when it could begin at once, or has ended. */
  readonly ready: Promise<void>;
  private listener: (message: ToWorker) => void = () => undefined;

  constructor(options: MoverChildOptions) {
    this.child = new MoverChild(options);
    const ready = new Promise<void>((resolve) => {
      this.listener = (message) => {
        if (message.kind === 'ready') resolve();
      };
    });
    this.ready = Promise.race([ready, this.child.exited]);
    this.child.onMessage((message) => this.listener(message));
  }

  get isAlive(): boolean {
    return this.child.isAlive;
  }

  /** When it ends, by whatever end, nothing of the move writes any more. */
  async move(order: Order, events: MoveEvents): Promise<Outcome> {
    const { signal } = events;
    await this.ready;
    signal.throwIfAborted();
    const outcome = this.outcome(events);
    this.child.send({ kind: 'move', order });
    const abort = (): void => void this.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await outcome;
    } catch (error) {
      await this.kill();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      this.listener = () => undefined;
    }
  }

  kill(): Promise<void> {
    return this.child.kill();
  }

  private outcome(events: MoveEvents): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.listener = (message) => {
        if (message.kind === 'progress') events.onProgress(message.progress);
        else if (message.kind === 'question') void this.answer(message.id, message.question, events);
        else if (message.kind === 'done') resolve(message.result);
        else if (message.kind === 'failed') reject(errorOf(message.fault));
      };
      void this.child.exited.then(() =>
        reject(new Error(`The mover process ended in the middle of a move (${this.child.end()}).`)),
      );
    });
  }

  private async answer(id: number, question: Question, events: MoveEvents): Promise<void> {
    try {
      this.child.send({ kind: 'answer', id, permitted: await answerTo(question, events), fault: null });
    } catch (error) {
      this.child.send({ kind: 'answer', id, permitted: 0, fault: faultOf(error) });
    }
  }

  /** Lets it close its target; one that can't is killed. */
  private async abort(): Promise<void> {
    this.child.send({ kind: 'abort' });
    const timer = setTimeout(() => void this.kill(), ABORT_MS);
    await this.child.exited;
    clearTimeout(timer);
  }
}

async function answerTo(question: Question, events: MoveEvents): Promise<number> {
  if (question.about === 'permit') return events.permit(question.bytes);
  if (question.about === 'confirm') await events.confirm();
  else if (question.about === 'planned') await events.onPlanned(question.volumeMeta);
  else await events.saveCheckpoint(question.checkpoint);
  return 0;
}
