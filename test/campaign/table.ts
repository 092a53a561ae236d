import type { Outcome } from './campaign';
import { STRIKES } from './strikes';
import type { StrikeKind } from './strikes';
import type { Recovery } from './recovery';

const MIB = 1024 ** 2;

/** What a campaign has shown, for people. */
export function tableOf({ options, storm, requests, ledger, recoveries, aftermath, ...rest }: Outcome): string {
  const { tally } = requests;
  const kinds = Object.keys(STRIKES) as StrikeKind[];
  const hits = kinds.map((kind) => row(kind, storm.hits.get(kind) ?? 0));
  const kills = kinds
    .filter((kind) => kind.startsWith('kill '))
    .reduce((sum, kind) => sum + (storm.hits.get(kind) ?? 0), 0);
  return [
    `seed ${options.seed}, ${rest.minutes.toFixed(1)} minutes`,
    row('requests', tally.requests),
    row('answers lost / 503', `${tally.lostAnswers} / ${tally.notNow}`),
    row('volumes accepted', ledger.accepted().length),
    row('deletions, retries', `${ledger.deletions}, ${ledger.retries}`),
    row('restores, extensions', `${ledger.restores}, ${ledger.extensions}`),
    row('kills', kills),
    ...hits.map((line) => `  ${line}`),
    row('missed', storm.missed),
    ...(rest.tiny.folder === null ? [row('no full disk', rest.tiny.because)] : []),
    row('available', aftermath.available),
    row('deleted', aftermath.deleted),
    row('hashed', aftermath.available + ledger.hashed),
    row('error', aftermath.errors.length),
    row('messages to users', aftermath.messages.length),
    row('without reason or next step', aftermath.unexplained.length),
    row('stuck', aftermath.stuck.length),
    row('wrong', aftermath.wrong.length),
    row('lost', aftermath.lost.length),
    row('leaked', aftermath.leaked.length),
    ...timesOf('control', recoveries.all),
    ...timesOf('copy', recoveries.all),
    row(
      'bytes copied twice, most',
      `${mib(Math.max(0, ...recoveries.rework))} MiB of ${recoveries.rework.length} copies`,
    ),
    row('bytes copied twice, all', `${mib(recoveries.rework.reduce((sum, bytes) => sum + bytes, 0))} MiB`),
    ...[...rest.endedByThemselves]
      .filter(([, count]) => count > 0)
      .map(([name, count]) => row(`${name} restarted`, count)),
  ].join('\n');
}

/** What is wrong, line by line. */
export function faultsOf({ aftermath }: Outcome): string[] {
  const { stuck, wrong, lost, leaked, unexplained } = aftermath;
  return [
    ...stuck.map((line) => `stuck: ${line}`),
    ...wrong.map((line) => `wrong: ${line}`),
    ...lost.map((line) => `lost: ${line}`),
    ...leaked.map((line) => `leaked: ${line}`),
    ...unexplained.map((line) => `unexplained: ${line}`),
  ];
}

function timesOf(of: Recovery['of'], all: readonly Recovery[]): string[] {
  const mine = all.filter((recovery) => recovery.of === of);
  const slowest = [...mine].sort((a, b) => b.sinceLastBlowMs - a.sinceLastBlowMs).slice(0, 8);
  return [
    row(`recovery of ${of}: kills felt`, mine.length),
    row('  from the kill, p50 / p99', quantiles(mine.map(({ sinceKillMs }) => sinceKillMs))),
    row('  from the last strike, p50 / p99', quantiles(mine.map(({ sinceLastBlowMs }) => sinceLastBlowMs))),
    ...slowest.map(({ strike, what, sinceKillMs, sinceLastBlowMs }) =>
      row(`    ${strike}: ${what}`, `${seconds(sinceKillMs)}, ${seconds(sinceLastBlowMs)}`),
    ),
  ];
}

function quantiles(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return `${seconds(at(0.5))} / ${seconds(at(0.99))}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}

function row(name: string, value: string | number): string {
  return `${name.padEnd(36)} ${value}`;
}
