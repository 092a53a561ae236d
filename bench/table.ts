import { nameOf } from './cases';
import type { CaseResult } from './case-run';
import { judge, ROOFLINE_GOAL } from './verdict';
import type { Sided, Verdict } from './verdict';

const COLUMNS = [
  'Case',
  'Cinder, s',
  'Rekindle, s',
  'Ratio',
  'CPU s/GiB',
  'Peak RSS, MiB',
  'Mover, MiB',
  'Loop, ms',
  'dd / decode, s',
  'Of roofline',
  'Goal',
  'Met',
  "Cinder's bytes",
];

/** Markdown, ready for the README. */
export function renderTable(results: readonly CaseResult[]): string {
  const rows = results.map((result) => row(result, judge(result)));
  return [COLUMNS, COLUMNS.map((_, index) => (index === 0 ? ':--' : '--:')), ...rows].map(line).join('\n');
}

/** What goes with each table, so that nobody has to ask. */
export function renderLegend(results: readonly CaseResult[], machine: string): string {
  const verdicts = results.map(judge);
  const start = (side: keyof Sided) => Math.max(...verdicts.map(({ startSeconds }) => startSeconds[side])).toFixed(1);
  return [
    `Machine: ${machine}.`,
    `${results[0]?.rounds.length ?? 0} pairs of runs each, alternating; ${residence(results)}.`,
    `Times: median (min), until everything is synced, without the start of the process ` +
      `(Cinder's up to ${start('cinder')} s, ours up to ${start('rekindle')} s).`,
    "Ratio: Cinder's time by ours, median of the pairs. CPU and RSS: Cinder → Rekindle; ours with the start and with all child processes.",
    'Mover: what it takes at most beyond an idle one. Loop: for how long its event loop was held up at most.',
    'Roofline: the slower of dd with fsync of the data, and decoding and hashing it once on all cores.',
    `Goal: that multiple of Cinder, or ${ROOFLINE_GOAL * 100} % of the roofline.`,
    `Met: ${verdicts.filter(({ isMet }) => isMet).length} of ${results.length}.`,
  ].join('\n');
}

function residence(results: readonly CaseResult[]): string {
  const shares = results.map(({ residentShare }) => residentShare).filter((share) => share !== null);
  if (shares.length === 0)
    return 'the repository was read once before each run, whether it stayed in memory is unknown';
  return `at least ${Math.floor(Math.min(...shares) * 100)} % of the repository was in the page cache before each run`;
}

function row(result: CaseResult, verdict: Verdict): string[] {
  const { seconds, cpuSecondsPerGib: cpu, peakBytes } = verdict;
  return [
    nameOf(result.case),
    `${seconds.median.cinder.toFixed(2)} (${seconds.min.cinder.toFixed(2)})`,
    `${seconds.median.rekindle.toFixed(2)} (${seconds.min.rekindle.toFixed(2)})`,
    `${verdict.ratio.toFixed(2)}×`,
    `${cpu.cinder.toFixed(2)} → ${cpu.rekindle.toFixed(2)}`,
    `${mib(peakBytes.cinder)} → ${mib(peakBytes.rekindle)}`,
    Math.round(verdict.moverMib).toString(),
    Math.round(verdict.loopMs).toString(),
    `${verdict.writeSeconds.toFixed(2)} / ${verdict.decodeSeconds.toFixed(2)}`,
    `${Math.round(verdict.rooflineShare * 100)} %`,
    `${verdict.multiple}×`,
    verdict.isMet ? 'yes' : 'no',
    result.isCinderRight ? 'right' : 'wrong',
  ];
}

function mib(bytes: number): string {
  return Math.round(bytes / 1024 ** 2).toString();
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
