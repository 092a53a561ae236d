import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import type { WrittenObject } from './cinder-writer';
import { editObject } from './damage-metadata';
import { flipBit, someObject } from './scene';
import type { Damage, Scene } from './scene';

const TIB = 1024 ** 4;

/** What can happen to one object's file. */
const TO_FILES: Readonly<Record<string, (scene: Scene, object: WrittenObject) => void>> = {
  'an object with a flipped bit': ({ dice }, { file }) => flipBit(dice, file),
  'an object that is cut off': ({ dice }, { file }) => {
    truncateSync(file, dice.between(0, readFileSync(file).length - 1));
  },
  'an object with garbage behind it': ({ dice }, { file }) => appendFileSync(file, dice.noise(dice.between(1, 9000))),
  'an object with zeros behind it': ({ dice }, { file }) => appendFileSync(file, Buffer.alloc(dice.between(1, 9000))),
  'an object of a terabyte': (_, { file }) => truncateSync(file, TIB),
  'an object of noise': ({ dice }, { file }) => writeFileSync(file, dice.noise(dice.between(1, 9000))),
  'an object that is missing': (_, { file }) => rmSync(file),
  'an object that is a directory': (_, { file }) => {
    rmSync(file);
    mkdirSync(file);
  },
  'an object that is a pipe nobody writes to': (_, { file }) => {
    rmSync(file);
    execFileSync('mkfifo', [file]);
  },
  'an object that is a symbolic link out of the repository': ({ fileOutside }, { file }) => {
    // With the right content, even.
    writeFileSync(fileOutside, readFileSync(file));
    rmSync(file);
    symlinkSync(fileOutside, file);
  },
  'an object that is a symbolic link to itself': (_, { file }) => {
    rmSync(file);
    symlinkSync(file, file);
  },
  'a decompression bomb': ({ dice, links, bombs }, object) => {
    const codec = dice.pick(['zlib', 'bz2', 'zstd'] as const);
    writeFileSync(object.file, bombs[codec]);
    editObject(links, object, (extent) => (extent['compression'] = codec));
  },
};

export const DAMAGED_OBJECTS: readonly Damage[] = [
  ...Object.entries(TO_FILES).map(([title, change]): Damage => ({ title, inflict: (scene) => toOne(scene, change) })),
  { title: 'two objects that are swapped', inflict: swap },
  { title: 'an object that no metadata lists', inflict: addUnlisted },
];

function toOne(scene: Scene, change: (scene: Scene, object: WrittenObject) => void): boolean {
  const object = someObject(scene);
  if (object) change(scene, object);
  return object !== undefined;
}

function swap(scene: Scene): boolean {
  const [one, other] = [someObject(scene), someObject(scene)];
  if (!one || !other || one.file === other.file) return false;
  const [first, second] = [readFileSync(one.file), readFileSync(other.file)];
  writeFileSync(one.file, second);
  writeFileSync(other.file, first);
  return true;
}

function addUnlisted(scene: Scene): boolean {
  const object = someObject(scene);
  if (object) writeFileSync(object.file.replace(/\d+$/, scene.dice.pick(['77777', '00000', '', 'x'])), 'x');
  return object !== undefined;
}
