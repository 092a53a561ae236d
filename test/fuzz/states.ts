import { someContent } from './content';
import type { Dice } from './dice';

interface Change {
  readonly dice: Dice;
  /** Changed in place. */
  readonly state: Buffer;
  /** Oldest first. */
  readonly older: readonly Buffer[];
}

const CHANGES: readonly ((change: Change) => void)[] = [
  write,
  write,
  zero,
  zero,
  bringBack,
  ({ state }) => state.fill(0),
  ({ dice, state }) => someContent(dice, state.length).copy(state),
];

/** A volume at each of its backups, oldest first: written to, zeroed, brought back to what it was, or left alone. */
export function someStates(dice: Dice, volumeBytes: number, count: number): Buffer[] {
  const states = [firstState(dice, volumeBytes)];
  while (states.length < count) {
    const state = Buffer.from(states.at(-1)!);
    // Each fifth backup is of a volume that did not change.
    const changes = dice.chance(20) ? 0 : dice.between(1, 5);
    for (let index = 0; index < changes; index += 1) {
      // Those that leave nothing as it was are seldom.
      dice.pick(dice.chance(90) ? CHANGES.slice(0, -2) : CHANGES)({ dice, state, older: states });
    }
    states.push(state);
  }
  return states;
}

function firstState(dice: Dice, volumeBytes: number): Buffer {
  const state = Buffer.alloc(volumeBytes);
  const change = { dice, state, older: [] };
  if (dice.chance(50)) someContent(dice, volumeBytes).copy(state);
  for (let index = dice.between(0, 4); index > 0; index -= 1) dice.pick([write, zero])(change);
  return state;
}

function write({ dice, state }: Change): void {
  const [from, to] = someRange(dice, state.length);
  someContent(dice, to - from).copy(state, from);
}

/** What `fstrim` and `mkfs` leave (W-1). */
function zero({ dice, state }: Change): void {
  const [from, to] = someRange(dice, state.length);
  state.fill(0, from, to);
}

function bringBack({ dice, state, older }: Change): void {
  const [from, to] = someRange(dice, state.length);
  dice.pick(older).copy(state, from, from, to);
}

/** Often aligned as a file system would have it; sometimes up to the volume's end. */
function someRange(dice: Dice, volumeBytes: number): [number, number] {
  const largest = Math.max(1, dice.chance(80) ? volumeBytes >> 2 : volumeBytes);
  let from = dice.between(0, volumeBytes - 1);
  let to = dice.chance(15) ? volumeBytes : Math.min(volumeBytes, from + dice.between(1, largest));
  if (dice.chance(50)) {
    from -= from % 512;
    to = Math.min(volumeBytes, Math.ceil(to / 512) * 512);
  }
  return [from, to];
}
