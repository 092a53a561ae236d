import { errorOf, faultOf } from './faults';
import { MoverChild } from './mover-child';
import type { MoverChildOptions } from './mover-child';
import type { Confirm, PoolCall, PoolCalls } from './pool-calls';
import type { ToWorker } from './protocol';

/** A call that takes longer hangs, and its process with it. Less than the step that waits for it has (workflows/steps.ts). */
const CALL_MS = 50_000;

interface Calling {
  readonly child: MoverChild;
  readonly confirm: Confirm;
  readonly settle: (error: Error | null) => void;
}

/**
 * Short calls in a process of their own, many at once. A worker that is stopped in the middle of one can't be fenced, and holds much
 * else; this process is killed by whoever is to follow on one of its volumes. Its other calls are then repeated.
 */
export class CallProcess {
  private child: MoverChild | null = null;
  private lastId = 0;
  private readonly calling = new Map<number, Calling>();
  private readonly removing = new Map<string, Promise<void>>();

  constructor(
    private readonly options: MoverChildOptions,
    private readonly callMs = CALL_MS,
  ) {}

  readonly call: PoolCalls = (call, confirm) => {
    if (call.what !== 'delete') return this.send(call, confirm);
    // A removal that is under way is the one that was asked for.
    const key = `${call.volume.poolName} ${call.volume.id}`;
    const removal = this.removing.get(key) ?? this.send(call, confirm).finally(() => this.removing.delete(key));
    this.removing.set(key, removal);
    return removal;
  };

  /** So that the first call doesn't wait for it. */
  start(): MoverChild {
    if (this.child?.isAlive) return this.child;
    const child = new MoverChild(this.options, ['short-calls']);
    this.child = child;
    child.onMessage((message) => this.hear(child, message));
    void child.exited.then(() => this.ended(child));
    return child;
  }

  async kill(): Promise<void> {
    await this.child?.kill();
  }

  private send(call: PoolCall, confirm: Confirm): Promise<void> {
    const child = this.start();
    const id = (this.lastId += 1);
    const timer = setTimeout(() => this.giveUp(child), this.callMs);
    return new Promise((resolve, reject) => {
      this.calling.set(id, {
        child,
        confirm,
        settle: (error) => {
          clearTimeout(timer);
          this.calling.delete(id);
          if (error === null) resolve();
          else reject(error);
        },
      });
      child.send({ kind: 'call', id, call });
    });
  }

  private hear(child: MoverChild, message: ToWorker): void {
    if (message.kind === 'called') {
      this.calling.get(message.id)?.settle(message.fault && errorOf(message.fault));
    } else if (message.kind === 'question' && message.question.about === 'confirm') {
      const { id, question } = message;
      const confirmed = this.calling.get(question.call ?? 0)?.confirm() ?? Promise.reject(new Error('Nobody asked.'));
      confirmed.then(
        () => child.send({ kind: 'answer', id, permitted: 0, fault: null }),
        (error: unknown) => child.send({ kind: 'answer', id, permitted: 0, fault: faultOf(error) }),
      );
    }
  }

  /** Whoever comes next gets another process. */
  private giveUp(child: MoverChild): void {
    if (this.child === child) this.child = null;
    void child.kill();
  }

  /** Nothing of its calls goes on. */
  private ended(child: MoverChild): void {
    if (this.child === child) this.child = null;
    for (const { settle, child: own } of [...this.calling.values()])
      if (own === child) settle(new Error(`The process of the call ended (${child.end()}).`));
  }
}
