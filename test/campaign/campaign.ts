import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from './aftermath';
import type { Aftermath } from './aftermath';
import { Ledger } from './ledger';
import { Recoveries } from './recovery';
import { Requests } from './requests';
import { setStage } from './stage';
import type { Stage } from './stage';
import { Storm } from './storm';
import { someStrikes } from './strikes';
import { startUsers } from './users';

export interface CampaignOptions {
  readonly seed: number;
  readonly kills: number;
  readonly length: 'short' | 'long';
  /** Between two strikes. */
  readonly pauseMs: readonly [number, number];
  readonly users: number;
  readonly log: (line: string) => void;
  /** A folder for what the processes said; null: it goes with the rest. */
  readonly logsTo: string | null;
}

export interface Outcome {
  readonly options: CampaignOptions;
  readonly storm: Storm;
  readonly requests: Requests;
  readonly ledger: Ledger;
  readonly recoveries: Recoveries;
  readonly aftermath: Aftermath;
  readonly tiny: Stage['tiny'];
  /** Processes that ended without having been killed, by their names. */
  readonly endedByThemselves: ReadonlyMap<string, number>;
  readonly minutes: number;
}

/** Strikes at the whole service while people use it, and judges what is left of it. */
export async function campaign(options: CampaignOptions): Promise<Outcome> {
  const { seed, kills, pauseMs, users, length, log } = options;
  const beganAt = performance.now();
  const stage = await setStage({ length, seed });
  const requests = new Requests(stage.apis);
  const ledger = new Ledger();
  const recoveries = new Recoveries(stage);
  const storm = new Storm({ stage, requests, recoveries, log });
  try {
    await ready(stage);
    log(`the service is up in ${stage.folder}`);
    const noMore = new AbortController();
    const using = startUsers({ stage, requests, ledger, seed, users, keepsPercent: 20 }, noMore.signal);
    await Promise.race([storm.rage(someStrikes(seed, kills, pauseMs)), using]);
    log('no more strikes');
    noMore.abort();
    await using;
    const aftermath = await judge(stage, ledger);
    const endedByThemselves = new Map(stage.actors.map((actor) => [actor.name, actor.endedByItself()] as const));
    const minutes = (performance.now() - beganAt) / 60_000;
    const { tiny } = stage;
    return { options, storm, requests, ledger, recoveries, aftermath, tiny, endedByThemselves, minutes };
  } finally {
    await recoveries.stop();
    if (options.logsTo !== null) keepLogs(stage.folder, options.logsTo);
    await stage.stop();
  }
}

function keepLogs(folder: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.log'))) {
    copyFileSync(path.join(folder, name), path.join(to, name));
  }
}

/** Both APIs answer, and the pools are known. */
async function ready(stage: Stage): Promise<void> {
  for (const deadline = performance.now() + 60_000; ;) {
    const answers = await Promise.all(stage.apis.map(({ url }) => fetch(url).catch(() => null)));
    if (answers.every((answer) => answer !== null)) return;
    if (performance.now() > deadline) throw new Error(`The service did not come up; see the logs in ${stage.folder}`);
    await sleep(100);
  }
}
