import { random } from '../copy/random-image';

/** Repeatable randomness in the words that the generators need. */
export interface Dice {
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  chance(percent: number): boolean;
  pick<T>(choices: readonly T[]): T;
  noise(lengthBytes: number): Buffer;
  /** The same letters, each as a capital or not. */
  anyCase(text: string): string;
}

export function diceOf(seed: number): Dice {
  const between = random(seed);
  const chance = (percent: number): boolean => between(1, 100) <= percent;
  return {
    between,
    chance,
    pick: (choices) => choices[between(0, choices.length - 1)]!,
    noise: (lengthBytes) => {
      const bytes = Buffer.alloc(lengthBytes + 4);
      for (let at = 0; at < lengthBytes; at += 4) bytes.writeUInt32LE(between(0, 0xfffffffe), at);
      return bytes.subarray(0, lengthBytes);
    },
    anyCase: (text) => text.replaceAll(/[a-z]/g, (letter) => (chance(30) ? letter.toUpperCase() : letter)),
  };
}
