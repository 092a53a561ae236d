import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { errorOf, faultOf } from './faults';
import type { MoveEvents } from './mover';
import type { MoverSettings, Order, Outcome, Question, ToMover, ToWorker } from './protocol';

/** A mover that was told to stop gets so long to close its target before it is killed. */
const ABORT_MS = 5_000;
/** libuv's threads: of each reader for reads and decompression, and for writes and a flush beside them. */
const THREADS_PER_READER = 3;
const THREADS_BESIDE_READERS = 6;

export interface MoverProcessOptions {
  /** The compiled entry file. */
  readonly entry: string;
  readonly settings: MoverSettings;
  readonly env: NodeJS.ProcessEnv;
}

/** One mover process, from this worker's side. Carries out one move at a time. */
export class MoverProcess {
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  /** Resolves when it could begin at once, or has ended. */
  readonly ready: Promise<void>;
  private listener: (message: ToWorker) => void = () => undefined;
  private hasExited = false;

  constructor({ entry, settings, env }: MoverProcessOptions) {
    const threads = settings.readers * THREADS_PER_READER + THREADS_BESIDE_READERS;
    this.child = fork(entry, [], {
      env: { ...env, UV_THREADPOOL_SIZE: `${threads}` },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.exited = once(this.child, 'exit').then(
      () => this.noteExit(),
      () => this.noteExit(),
    );
    const ready = new Promise<void>((resolve) => {
      this.listener = (message) => {
        if (message.kind === 'ready') resolve();
      };
    });
    this.ready = Promise.race([ready, this.exited]);
    this.child.on('message', (message: ToWorker) => this.listener(message));
    this.send({ kind: 'settings', settings });
  }

  get isAlive(): boolean {
    return !this.hasExited && this.child.connected;
  }

  /** When it ends, by whatever end, nothing of the move writes any more. */
  async move(order: Order, events: MoveEvents): Promise<Outcome> {
    const { signal } = events;
    await this.ready;
    signal.throwIfAborted();
    const outcome = this.outcome(events);
    this.send({ kind: 'move', order });
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

  /** SIGKILL, and its end awaited: a process in the middle of a system call may take a while to go. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private noteExit(): void {
    this.hasExited = true;
  }

  private outcome(events: MoveEvents): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.listener = (message) => {
        if (message.kind === 'progress') events.onProgress(message.progress);
        else if (message.kind === 'question') void this.answer(message.id, message.question, events);
        else if (message.kind === 'done') resolve(message.result);
        else if (message.kind === 'failed') reject(errorOf(message.fault));
      };
      void this.exited.then(() => {
        const { exitCode, signalCode } = this.child;
        reject(
          new Error(`The mover process ended in the middle of a move (${signalCode ?? `exit code ${exitCode}`}).`),
        );
      });
    });
  }

  private async answer(id: number, question: Question, events: MoveEvents): Promise<void> {
    try {
      this.send({ kind: 'answer', id, permitted: await answerTo(question, events), fault: null });
    } catch (error) {
      this.send({ kind: 'answer', id, permitted: 0, fault: faultOf(error) });
    }
  }

  /** Lets it close its target; one that can't is killed. */
  private async abort(): Promise<void> {
    this.send({ kind: 'abort' });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), ABORT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  private send(message: ToMover): void {
    // Gone meanwhile: `exited` tells.
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}

async function answerTo(question: Question, events: MoveEvents): Promise<number> {
  if (question.about === 'permit') return events.permit(question.bytes);
  if (question.about === 'planned') await events.onPlanned(question.volumeMeta);
  else await events.saveCheckpoint(question.checkpoint);
  return 0;
}
