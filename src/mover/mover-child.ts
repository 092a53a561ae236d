import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { MoverSettings, ToMover, ToWorker } from './protocol';

/** libuv's threads: of each reader for reads and decompression, and for writes and a flush beside them. */
const THREADS_PER_READER = 3;
const THREADS_BESIDE_READERS = 6;

export interface MoverChildOptions {
  /** The compiled entry file. */
  readonly entry: string;
  readonly settings: MoverSettings;
  readonly env: NodeJS.ProcessEnv;
}

/** A mover process as a child of this one, and the channel to it. */
export class MoverChild {
  private readonly child: ChildProcess;
  readonly exited: Promise<void>;
  private hasExited = false;

  /** @param words for people who look at the list of processes */
  constructor({ entry, settings, env }: MoverChildOptions, words: readonly string[] = []) {
    const threads = settings.readers * THREADS_PER_READER + THREADS_BESIDE_READERS;
    this.child = fork(entry, words, {
      env: { ...env, UV_THREADPOOL_SIZE: `${threads}` },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.exited = once(this.child, 'exit').then(
      () => this.noteExit(),
      () => this.noteExit(),
    );
    this.send({ kind: 'settings', settings });
  }

  get isAlive(): boolean {
    return !this.hasExited && this.child.connected;
  }

  onMessage(listener: (message: ToWorker) => void): void {
    this.child.on('message', listener);
  }

  send(message: ToMover): void {
    // Gone meanwhile: `exited` tells.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** How it ended, for people. */
  end(): string {
    const { exitCode, signalCode } = this.child;
    return signalCode ?? `exit code ${exitCode}`;
  }

  /** SIGKILL, and its end awaited: a process in the middle of a system call may take a while to go. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private noteExit(): void {
    this.hasExited = true;
  }
}
