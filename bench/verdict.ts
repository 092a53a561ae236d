import type { Case } from './cases';
import type { CaseResult } from './case-run';
import { rooflineSeconds } from './roofline';
import { median, spread } from './statistics';

/** Share of the roofline at which no multiple of Cinder is asked for any more. */
export const ROOFLINE_GOAL = 0.85;

const MULTIPLES: Readonly<Record<Case['codec'], number>> = { none: 3, zlib: 5, bz2: 2, zstd: 5 };
const LONG_OR_EMPTY_MULTIPLE = 10;

/** How many times as fast as Cinder the case is to be. */
export function multipleOf({ codec, links, data }: Case): number {
  return links >= 30 || data === 'zeros' ? LONG_OR_EMPTY_MULTIPLE : MULTIPLES[codec];
}

export interface Sided {
  readonly cinder: number;
  readonly rekindle: number;
}

export interface Verdict {
  readonly seconds: { readonly min: Sided; readonly median: Sided };
  /** Cinder's time by ours, median of the pairs; above 1 we are faster. */
  readonly ratio: number;
  readonly cpuSecondsPerGib: Sided;
  readonly peakBytes: Sided;
  /** Our mover, beyond an idle one. */
  readonly moverMib: number;
  /** For how long its event loop was held up at most. */
  readonly loopMs: number;
  readonly startSeconds: Sided;
  readonly writeSeconds: number;
  readonly decodeSeconds: number;
  /** The roofline's time by ours, median of the rounds. */
  readonly rooflineShare: number;
  readonly multiple: number;
  readonly isMet: boolean;
}

export function judge({ case: each, rounds }: CaseResult): Verdict {
  const sided = (pick: (side: 'cinder' | 'rekindle') => number): Sided => ({
    cinder: pick('cinder'),
    rekindle: pick('rekindle'),
  });
  const secondsOf = (side: keyof Sided) => spread(rounds.map((round) => round[side].seconds));
  const ratio = median(rounds.map(({ cinder, rekindle }) => cinder.seconds / rekindle.seconds));
  const share = median(rounds.map(({ rekindle, roofline }) => rooflineSeconds(roofline) / rekindle.seconds));
  const multiple = multipleOf(each);
  return {
    seconds: { min: sided((side) => secondsOf(side).min), median: sided((side) => secondsOf(side).median) },
    ratio,
    cpuSecondsPerGib: sided((side) => median(rounds.map((round) => round[side].cpuSeconds / each.gib))),
    peakBytes: sided((side) => Math.max(...rounds.map((round) => round[side].peakBytes))),
    moverMib: Math.max(...rounds.map(({ rekindle }) => rekindle.moverMib)),
    loopMs: Math.max(...rounds.map(({ rekindle }) => rekindle.loopMs)),
    startSeconds: sided((side) => median(rounds.map((round) => round[side].startSeconds))),
    writeSeconds: median(rounds.map(({ roofline }) => roofline.writeSeconds)),
    decodeSeconds: median(rounds.map(({ roofline }) => roofline.decodeSeconds)),
    rooflineShare: share,
    multiple,
    isMet: ratio >= multiple || share >= ROOFLINE_GOAL,
  };
}
