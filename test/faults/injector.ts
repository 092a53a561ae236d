import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { StepName } from '../../activities/index';
import { Refusal } from '../../src/domain/errors';
import type { DatabaseLink } from '../support/database-link';
import { CUTS, isConnectionFault, isDiskFault, isRepositoryFault } from './faults';
import type { ConnectionFault, DiskFault, RepositoryFault, StepFault, Strike, Fault, WorkflowType } from './faults';
import type { Disks } from './disks';
import type { Operator } from './operator';
import type { Repositories } from './repositories';

/** Longer than anybody waits for an answer, or a pool is tried. */
const OUTAGE_MS = 4_000;
const BEAT_EVERY_MS = 100;

/** Steps of the data workers, which fail for ever where others fail for the time of an outage: the catalog's. */
const MAY_FAIL_FOR_EVER: readonly StepName[] = [
  'createFromBackup',
  'createRawVolume',
  'restoreBackup',
  'extendRawVolume',
  'removeVolume',
  'deleteBackupObjects',
  'scheduleVolume',
];
/** They hear of a cancellation while they run. */
const HEARTBEATING: readonly StepName[] = ['createFromBackup', 'restoreBackup', 'deleteBackupObjects'];

export interface InjectorParts {
  readonly operator: () => Operator;
  readonly link: () => DatabaseLink;
  readonly disks: Disks;
  readonly repositories: Repositories;
}

/** One run of one step. */
interface Call {
  readonly workflow: string;
  readonly workflowId: string;
  readonly step: StepName;
  readonly context: Context;
  readonly run: () => Promise<unknown>;
}

/** What is planned for one case, and what came of it. */
export class CaseFaults {
  private readonly strikes: (Strike & { struck: boolean; since?: number })[] = [];
  private readonly before = new Map<string, () => Promise<void>>();
  private readonly held = new Map<string, () => void>();
  private readonly background: Promise<unknown>[] = [];
  private readonly completed = new Map<string, () => void>();
  private over: () => void = () => undefined;
  /** Whether Temporal forgets a run: another one may have to say once more what came of it. */
  loses = false;
  /** Path of an object of the case's own backup. */
  object = '';
  private readonly isOver = new Promise<void>((resolve) => {
    this.over = resolve;
  });

  constructor(
    private readonly parts: InjectorParts,
    private readonly ids: readonly string[],
  ) {}

  plan(strikes: readonly Strike[]): void {
    for (const strike of strikes) this.strikes.push({ ...strike, struck: false });
    this.loses ||= strikes.some(({ fault }) => fault === 'is lost by Temporal there');
  }

  /** Runs once, before the step does. */
  beforeStep(workflow: WorkflowType, step: StepName, work: () => Promise<void>): void {
    this.before.set(`${workflow} ${step}`, work);
  }

  /** The step lives, and does nothing, until its cancellation arrives. */
  holdUntilCancelled(workflow: WorkflowType, step: StepName, reached: () => void): void {
    this.held.set(`${workflow} ${step}`, reached);
  }

  /** Whether a fault is planned for this step that has not happened, or not often enough. */
  awaits(step: StepName): boolean {
    return this.strikes.some((strike) => strike.step === step && (!strike.struck || strike.since !== undefined));
  }

  /** Those that never had their moment. */
  missed(): readonly Strike[] {
    return this.strikes.filter(({ struck }) => !struck);
  }

  /** Whatever failed again and again works again, for whoever comes next. */
  lift(): void {
    this.strikes.length = 0;
  }

  /** Lets zombies go, and awaits whatever of it still goes on. */
  async end(): Promise<void> {
    this.over();
    await Promise.allSettled(this.background);
  }

  async around(call: Call): Promise<unknown> {
    const name = `${call.workflow} ${call.step}`;
    const prepare = this.before.get(name);
    this.before.delete(name);
    await prepare?.();
    const reached = this.held.get(name);
    if (reached) {
      reached();
      await this.beating(call.context, Promise.race([call.context.cancelled, this.isOver]));
    }
    const strike = this.strikes.find(
      ({ workflow, step, struck, since }) =>
        workflow === call.workflow && step === call.step && (!struck || since !== undefined),
    );
    if (!strike) return this.completing(name, call.run);
    strike.struck = true;
    if (strike.fault === 'fails always') return this.failAlways(strike, call);
    return this.strike(strike.fault, call);
  }

  private async failAlways(strike: { since?: number }, { step, run }: Call): Promise<unknown> {
    strike.since ??= performance.now();
    const isOver = !MAY_FAIL_FOR_EVER.includes(step) && performance.now() - strike.since > OUTAGE_MS;
    if (isOver) return run();
    throw new Error(`${step} fails again and again`);
  }

  private async completing(name: string, run: () => Promise<unknown>): Promise<unknown> {
    try {
      return await run();
    } finally {
      this.completed.get(name)?.();
    }
  }

  private strike(fault: Fault, call: Call): Promise<unknown> {
    if (isConnectionFault(fault)) return this.disconnected(fault, call);
    if (isDiskFault(fault)) return this.onBadDisk(fault, call);
    if (isRepositoryFault(fault)) return this.onBadRepository(fault, call);
    const running = this.FAULTS[fault](call);
    // Of a run that is gone, nobody else awaits it.
    this.background.push(running);
    return running;
  }

  private readonly FAULTS: Readonly<Record<StepFault, (call: Call) => Promise<unknown>>> = {
    'fails once': async ({ step }) => {
      throw new Error(`${step} fails this once`);
    },
    'fails always': ({ run }) => run(),
    'times out': async ({ step, context }) => {
      await Promise.race([context.cancelled.catch(() => undefined), this.isOver, sleep(20_000)]);
      throw new Error(`${step} took too long`);
    },
    'answers, and the answer is lost': async ({ step, run }) => {
      await run().catch(() => undefined);
      throw new Error(`the answer of ${step} is lost`);
    },
    'runs twice': async ({ run }) => {
      await run();
      return run();
    },
    'runs late, after its successor': async (call) => {
      const succeeded = new Promise<void>((resolve) => this.completed.set(`${call.workflow} ${call.step}`, resolve));
      this.later(Promise.race([succeeded, this.isOver]), call);
      throw new Error(`${call.step} seems to have failed`);
    },
    'runs late, when all is over': async (call) => {
      this.later(this.isOver, call);
      throw new Error(`${call.step} seems to have failed`);
    },
    'runs late, when its path is used again': async (call) => {
      this.later(this.isOver, call);
      throw new Error(`${call.step} seems to have failed`);
    },
    'is cancelled there': async ({ workflow, workflowId, step, context, run }) => {
      await this.parts.operator().cancel(workflowId);
      // A deletion only goes forward: it would never hear of it.
      if (HEARTBEATING.includes(step) && workflow !== 'deleteBackup') await this.heard(context);
      return run();
    },
    'is terminated there': async ({ workflowId, run }) => {
      await this.parts.operator().terminate(workflowId);
      return run();
    },
    'is terminated when it has taken effect': async ({ workflowId, run }) => {
      const answer = await run();
      await this.parts.operator().terminate(workflowId);
      return answer;
    },
    'is lost by Temporal there': async ({ workflowId, run }) => {
      await this.parts.operator().lose(workflowId);
      return run();
    },
    'is paused and unpaused': async ({ workflowId, step, context }) => {
      const pending = { workflowId, activityId: context.info.activityId };
      await this.parts.operator().pause(pending);
      this.background.push(this.parts.operator().unpause(pending));
      throw new Error(`${step} fails while it is paused`);
    },
    'is reset': async ({ workflowId, context, run }) => {
      await this.parts.operator().reset({ workflowId, activityId: context.info.activityId });
      return run();
    },
  };

  /** Temporal takes the attempt for dead; what it was about to do is done later. */
  private later(moment: Promise<void>, { run }: Call): void {
    this.background.push(moment.then(run));
  }

  /** Heartbeats until the cancellation arrives. */
  private async heard(context: Context): Promise<void> {
    await this.beating(context, Promise.race([context.cancelled, this.isOver, sleep(10_000)]));
  }

  private async beating(context: Context, until: Promise<void>): Promise<void> {
    const heart = setInterval(() => context.heartbeat(), BEAT_EVERY_MS);
    try {
      await until;
    } finally {
      clearInterval(heart);
    }
  }

  private async disconnected(fault: ConnectionFault, { run }: Call): Promise<unknown> {
    const strike = this.parts.link().strike(this.ids, CUTS[fault]);
    try {
      return await run();
    } finally {
      strike.call();
      const own = this.strikes.find((one) => one.fault === fault);
      if (own) own.struck = strike.struck;
    }
  }

  private async onBadDisk(fault: DiskFault, { run }: Call): Promise<unknown> {
    this.parts.disks.fail(this.ids[0]!, fault);
    return run();
  }

  private async onBadRepository(fault: RepositoryFault, { run }: Call): Promise<unknown> {
    this.parts.repositories.fail(this.ids[1]!, fault, this.object);
    return run();
  }
}

/** A step's own word that it gives up, for cases that begin with a failure. */
export function givenUp(): Refusal {
  return new Refusal('NoProgress', 'No byte has moved for long. Retry it (action rekindle-retry).');
}

/** Around every step of every case; finds out whose it is by the ids in it. */
export class Injector {
  private readonly cases = new Map<string, CaseFaults>();

  constructor(readonly parts: InjectorParts) {}

  add(ids: readonly string[]): CaseFaults {
    const faults = new CaseFaults(this.parts, ids);
    for (const id of ids) this.cases.set(id, faults);
    return faults;
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) this.cases.delete(id);
  }

  readonly interceptor: ActivityInterceptorsFactory = (context) => ({
    inbound: {
      execute: (input, next) => {
        const { workflowExecution, workflowType = '', activityType } = context.info;
        const workflowId = workflowExecution?.workflowId ?? '';
        const faults = this.of(workflowId, input.args[0], activityType);
        if (!faults) return next(input);
        const step = activityType as StepName;
        return faults.around({ workflow: workflowType, workflowId, step, context, run: () => next(input) });
      },
    },
  });

  private of(workflowId: string, argument: unknown, step: string): CaseFaults | null {
    // A run of the reconciler looks for all of them: a fault in it is some case's.
    if (step === 'findAbandoned') return [...this.cases.values()].find((one) => one.awaits(step)) ?? null;
    const { volumeId, id } = (argument ?? {}) as { volumeId?: string; id?: string };
    const own = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(workflowId)?.[0];
    return this.cases.get(own ?? volumeId ?? id ?? '') ?? null;
  }
}
