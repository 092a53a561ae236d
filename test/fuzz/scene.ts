import { readFileSync, writeFileSync } from 'node:fs';
import type { BombOf } from './bombs';
import type { Row, WrittenLink, WrittenObject } from './cinder-writer';
import type { Dice } from './dice';
import { neededObjects } from './needed';

/** A chain in its repository, about to be damaged. */
export interface Scene {
  readonly dice: Dice;
  /** Oldest first; the last is the one that is restored. */
  readonly links: readonly WrittenLink[];
  /** The rows, leaf first, which a damage may change as well. */
  readonly rows: Mutable<Row>[];
  /** A file that is none of the repository's business. */
  readonly fileOutside: string;
  readonly bombs: BombOf;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Damage {
  readonly title: string;
  /** Whether only the hashes of the whole image can tell: such damage is done to no other backup. */
  readonly needsHashes?: true;
  /** Answers false where the chain has nothing that could be damaged in this way. */
  readonly inflict: (scene: Scene) => boolean;
}

/** Mostly one that the image needs. */
export function someObject({ dice, links }: Scene): WrittenObject | undefined {
  const needed = neededObjects(links);
  const all = links.flatMap(({ objects }) => objects);
  return dice.pick(dice.chance(90) && needed.length > 0 ? needed : all);
}

export function someLinkOf({ dice, links }: Scene): WrittenLink {
  return dice.pick(links);
}

/** Turns one bit of a file over. */
export function flipBit(dice: Dice, file: string): void {
  const bytes = readFileSync(file);
  const at = dice.between(0, bytes.length - 1);
  bytes[at] = bytes[at]! ^ (1 << dice.between(0, 7));
  writeFileSync(file, bytes);
}

export function editJson(file: string, change: (content: Record<string, unknown>) => void): void {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(content);
  writeFileSync(file, JSON.stringify(content));
}
