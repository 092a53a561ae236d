import { diceOf } from '../fuzz/dice';

/** What may happen to the service. `kill`: SIGKILL; `stop`: SIGSTOP, and SIGCONT once its successor may be at work. */
export const STRIKES = {
  'kill api': { weight: 8, lastsMs: null },
  'kill control worker': { weight: 14, lastsMs: null },
  'kill data worker': { weight: 14, lastsMs: null },
  'kill mover': { weight: 16, lastsMs: null },
  'kill PostgreSQL': { weight: 5, lastsMs: null },
  'kill Temporal': { weight: 5, lastsMs: null },
  'stop data worker and movers': { weight: 6, lastsMs: [4_000, 8_000] },
  'stop mover': { weight: 4, lastsMs: [4_000, 8_000] },
  'stop control worker': { weight: 3, lastsMs: [4_000, 8_000] },
  'stop api': { weight: 2, lastsMs: [2_000, 8_000] },
  'restart a worker': { weight: 4, lastsMs: null },
  'cut a connection': { weight: 6, lastsMs: [500, 4_000] },
  'connection goes dead': { weight: 6, lastsMs: [1_000, 6_000] },
  'full disk': { weight: 4, lastsMs: [1_000, 5_000] },
  'repository gone': { weight: 3, lastsMs: [1_000, 4_000] },
  'clock of a process is wrong': { weight: 3, lastsMs: [2_000, 8_000] },
  'clock of PostgreSQL is wrong': { weight: 2, lastsMs: [2_000, 8_000] },
} as const satisfies Record<string, { weight: number; lastsMs: readonly [number, number] | null }>;

export type StrikeKind = keyof typeof STRIKES;

export interface Strike {
  /** After the one before it. */
  readonly afterMs: number;
  readonly kind: StrikeKind;
  /** Which of those that it may hit: taken modulo their number. */
  readonly pick: number;
  /** 0 for what doesn't last. */
  readonly lastsMs: number;
}

/** What a kind of strike can hold up: a copy, the steps around it, or both. */
export function holdsUp(kind: StrikeKind, what: 'copy' | 'control'): boolean {
  const only = ONLY[kind];
  return only === undefined || only === what;
}

/** A copy goes on without an API, and without a control worker until its end. */
const ONLY: Partial<Record<StrikeKind, 'copy' | 'control'>> = {
  'kill api': 'control',
  'kill control worker': 'control',
  'stop control worker': 'control',
  'stop api': 'control',
  'kill data worker': 'copy',
  'kill mover': 'copy',
  'stop data worker and movers': 'copy',
  'stop mover': 'copy',
  'repository gone': 'copy',
};

const KINDS = Object.keys(STRIKES) as StrikeKind[];

export function isKill({ kind }: Strike): boolean {
  return kind.startsWith('kill ');
}

/** The strikes of a campaign, with so many kills among them. The same seed gives the same ones. */
export function someStrikes(seed: number, kills: number, pauseMs: readonly [number, number]): Strike[] {
  const dice = diceOf(seed);
  const bag = KINDS.flatMap((kind) => Array.from({ length: STRIKES[kind].weight }, () => kind));
  const strikes: Strike[] = [];
  for (let killed = 0; killed < kills;) {
    const kind = dice.pick(bag);
    const lastsMs: readonly [number, number] | null = STRIKES[kind].lastsMs;
    const strike: Strike = {
      afterMs: dice.between(...pauseMs),
      kind,
      pick: dice.between(0, 1_000_000),
      lastsMs: lastsMs ? dice.between(...lastsMs) : 0,
    };
    strikes.push(strike);
    if (isKill(strike)) killed += 1;
  }
  return strikes;
}
