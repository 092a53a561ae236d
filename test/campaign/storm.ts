import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callProcessOf, moversOf } from '../support/processes';
import type { Actor } from './cast';
import type { Clock } from './clocks';
import type { Recoveries } from './recovery';
import type { Requests } from './requests';
import type { Server } from './servers';
import type { Stage } from './stage';
import { isKill } from './strikes';
import type { Strike, StrikeKind } from './strikes';

export interface StormParts {
  readonly stage: Stage;
  readonly requests: Requests;
  readonly recoveries: Recoveries;
  readonly log: (line: string) => void;
}

/** Lets strikes happen, one after the other; those that last go on meanwhile. */
export class Storm {
  /** How often each kind hit something. */
  readonly hits = new Map<StrikeKind, number>();
  /** Those that found nobody to hit: a server that was just starting again, no mover at work. */
  missed = 0;
  private readonly lasting = new Set<Promise<void>>();
  private readonly down = new Set<Server>();
  /** What could not be made whole again. */
  private failure: unknown = null;

  constructor(private readonly parts: StormParts) {}

  /** Carries out all of them, and returns when everything is whole again. */
  async rage(strikes: readonly Strike[]): Promise<void> {
    for (const strike of strikes) {
      await sleep(strike.afterMs);
      this.carryOut(strike);
    }
    while (this.lasting.size > 0) await Promise.all(this.lasting);
    if (this.failure !== null) throw new Error('Something could not be made whole again.', { cause: this.failure });
  }

  private carryOut(strike: Strike): void {
    const end = this.begin(strike);
    if (end === null) {
      this.missed += 1;
      return;
    }
    this.parts.log(`${strike.kind}${strike.lastsMs > 0 ? ` for ${strike.lastsMs} ms` : ''}`);
    this.hits.set(strike.kind, (this.hits.get(strike.kind) ?? 0) + 1);
    if (!isKill(strike)) this.parts.recoveries.blow(strike.kind);
    const lasting = sleep(strike.lastsMs)
      .then(end)
      .catch((error: unknown) => {
        this.failure ??= error;
      });
    this.lasting.add(lasting);
    void lasting.then(() => {
      this.lasting.delete(lasting);
      if (strike.lastsMs > 0) this.parts.recoveries.blow(strike.kind);
    });
  }

  /** Answers how it ends; null if it hit nobody. */
  private begin(strike: Strike): (() => void | Promise<void>) | null {
    const { stage } = this.parts;
    switch (strike.kind) {
      case 'kill api':
        return this.kill(strike, this.actors('api'));
      case 'kill control worker':
        return this.kill(strike, this.actors('control'));
      case 'kill data worker':
        return this.kill(strike, this.actors('data'));
      case 'kill mover':
        return this.killMover(strike);
      case 'kill PostgreSQL':
        return this.killServer(strike, stage.database);
      case 'kill Temporal':
        return this.killServer(strike, stage.temporal);
      case 'stop data worker and movers':
        return this.stop(strike, this.actors('data'), true);
      case 'stop control worker':
        return this.stop(strike, this.actors('control'), false);
      case 'stop api':
        return this.stop(strike, this.actors('api'), false);
      case 'stop mover':
        return this.stopMover(strike);
      case 'restart a worker':
        return this.restart(strike);
      case 'cut a connection':
      case 'connection goes dead':
        return this.strikeWire(strike);
      case 'full disk':
        return this.fillDisk();
      case 'repository gone':
        return this.takeRepository();
      case 'clock of a process is wrong':
        return setOff(strike, picked(strike, stage.actors)?.clock ?? null);
      case 'clock of PostgreSQL is wrong':
        return setOff(strike, stage.databaseClock);
    }
  }

  private actors(kind: Actor['kind']): readonly Actor[] {
    return this.parts.stage.actors.filter((actor) => actor.kind === kind && actor.pid() !== null);
  }

  private kill(strike: Strike, actors: readonly Actor[]): (() => void) | null {
    const pid = picked(strike, actors)?.pid() ?? null;
    if (pid === null) return null;
    const movers = helpersOf(pid);
    this.noteRequests(strike);
    signal(pid, 'SIGKILL');
    this.parts.recoveries.killed(strike.kind, [pid, ...movers]);
    return nothing;
  }

  private killMover(strike: Strike): (() => void) | null {
    const mover = this.mover(strike);
    if (mover === undefined) return null;
    signal(mover, 'SIGKILL');
    this.parts.recoveries.killed(strike.kind, [mover]);
    return nothing;
  }

  private killServer(strike: Strike, server: Server): (() => Promise<void>) | null {
    if (this.down.has(server)) return null;
    this.down.add(server);
    this.noteRequests(strike);
    server.kill();
    this.parts.recoveries.killed(strike.kind, []);
    return async () => {
      await server.restart();
      this.down.delete(server);
      this.parts.log(`${strike.kind}: it answers again`);
    };
  }

  private noteRequests({ kind }: Strike): void {
    for (const [what, answered] of this.parts.requests.underWay) this.parts.recoveries.request(kind, what, answered);
  }

  /** Mostly one at work. */
  private mover(strike: Strike): number | undefined {
    const all = this.movers();
    const atWork = this.parts.recoveries.holders(all);
    return picked(strike, atWork.length > 0 && strike.pick % 4 > 0 ? atWork : all);
  }

  private movers(): number[] {
    return this.actors('data').flatMap((actor) => helpersOf(actor.pid() ?? 0));
  }

  private stop(strike: Strike, actors: readonly Actor[], withMovers: boolean): (() => void) | null {
    const pid = picked(strike, actors)?.pid() ?? null;
    if (pid === null) return null;
    const pids = withMovers ? [pid, ...helpersOf(pid)] : [pid];
    for (const one of pids) signal(one, 'SIGSTOP');
    return () => pids.forEach((one) => signal(one, 'SIGCONT'));
  }

  private stopMover(strike: Strike): (() => void) | null {
    const mover = this.mover(strike);
    if (mover === undefined) return null;
    signal(mover, 'SIGSTOP');
    return () => signal(mover, 'SIGCONT');
  }

  private restart(strike: Strike): (() => void) | null {
    const pid = picked(strike, [...this.actors('control'), ...this.actors('data')])?.pid() ?? null;
    if (pid === null) return null;
    signal(pid, 'SIGTERM');
    return nothing;
  }

  private strikeWire(strike: Strike): () => void {
    const wires = this.parts.stage.actors.flatMap((actor) => [actor.wires.database, actor.wires.temporal]);
    const wire = picked(strike, wires)!;
    if (strike.kind === 'cut a connection') wire.cut();
    else wire.goDead();
    return () => wire.mend();
  }

  private fillDisk(): (() => void) | null {
    const { folder } = this.parts.stage.tiny;
    if (folder === null) return null;
    const ballast = path.join(folder, 'ballast');
    try {
      writeFileSync(ballast, Buffer.alloc(1024 ** 2), { flag: 'wx' });
    } catch {
      return null;
    }
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(1024 ** 2), { flag: 'a' });
    } catch {
      // It is full.
    }
    return () => rmSync(ballast);
  }

  private takeRepository(): (() => void) | null {
    const { repository } = this.parts.stage;
    const away = `${repository}.away`;
    try {
      renameSync(repository, away);
    } catch {
      return null;
    }
    return () => renameSync(away, repository);
  }
}

/** By seconds, minutes, or hours, forwards or back. */
const OFF_BY_S = [5, -5, 900, -900, 7_200, -7_200];

function setOff(strike: Strike, clock: Clock | null): (() => void) | null {
  const seconds = picked(strike, OFF_BY_S);
  if (clock === null || seconds === undefined) return null;
  clock.setOff(seconds);
  return () => clock.setOff(0);
}

/** What goes when a data worker goes. */
function helpersOf(workerPid: number): number[] {
  return [...moversOf(workerPid), ...callProcessOf(workerPid)];
}

function picked<One>({ pick }: Strike, all: readonly One[]): One | undefined {
  return all.length === 0 ? undefined : all[pick % all.length];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

function nothing(): void {
  return undefined;
}
