import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { editJson, flipBit } from './scene';
import type { Damage, Scene } from './scene';

interface Hashes extends Record<string, unknown> {
  sha256s: unknown[];
}

const EDITS: Readonly<Record<string, (content: Hashes, scene: Scene) => void>> = {
  'another block size': (content, { dice }) => (content['chunk_size'] = dice.between(1, 100_000)),
  'a block size that is none': (content, { dice }) =>
    (content['chunk_size'] = dice.pick([0, -512, 0.5, '512', null, 2 ** 53, 1e300, []])),
  'a huge block size': (content, { dice }) => (content['chunk_size'] = dice.pick([2 ** 31, 2 ** 53 - 1])),
  'one hash more': ({ sha256s }) => sha256s.push(sha256s[0]),
  'one hash less': ({ sha256s }) => sha256s.pop(),
  'no hashes': (content, { dice }) => (content.sha256s = dice.pick([[], [null], [7], [{}]])),
  'hashes that are no list': (content, { dice }) => (content['sha256s'] = dice.pick<never>([null, {}, 'x'] as never)),
  'a wrong hash': ({ sha256s }, { dice }) =>
    (sha256s[dice.between(0, sha256s.length - 1)] = dice.noise(32).toString('hex')),
  'a hash that is none': ({ sha256s }, { dice }) =>
    (sha256s[dice.between(0, sha256s.length - 1)] = dice.pick(['', 'x'.repeat(64), null, 7, '00'.repeat(33)])),
  'another version of the hashes': (content) => (content['version'] = '2.0.0'),
};

const TO_FILES: Readonly<Record<string, (scene: Scene, file: string) => void>> = {
  'a sha256 file with a flipped bit': ({ dice }, file) => flipBit(dice, file),
  'a sha256 file that is cut off': ({ dice }, file) =>
    truncateSync(file, dice.between(0, readFileSync(file).length - 1)),
  'a sha256 file of noise': ({ dice }, file) => writeFileSync(file, dice.noise(dice.between(0, 9000))),
  'a sha256 file of a terabyte': (_, file) => truncateSync(file, 1024 ** 4),
  'a sha256 file that is a symbolic link to itself': (_, file) => {
    rmSync(file);
    symlinkSync(file, file);
  },
};

/** The leaf's: those of its ancestors aren't read. */
export const DAMAGED_HASHES: readonly Damage[] = [
  ...Object.entries(EDITS).map(([title, edit]): Damage =>
    inLeaf(title, (scene, file) => {
      editJson(file, (content) => edit(content as Hashes, scene));
    }),
  ),
  ...Object.entries(TO_FILES).map(([title, change]): Damage => inLeaf(title, change)),
];

function inLeaf(title: string, change: (scene: Scene, file: string) => void): Damage {
  return {
    title,
    needsHashes: true,
    inflict: (scene) => {
      change(scene, scene.links.at(-1)!.sha256File);
      return true;
    },
  };
}
