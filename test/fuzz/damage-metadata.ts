import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import type { WrittenLink, WrittenObject } from './cinder-writer';
import { editJson, flipBit, someLinkOf, someObject } from './scene';
import type { Damage, Scene } from './scene';

type Entries = Record<string, Record<string, unknown>>[];
type Edit = (extent: Record<string, unknown>, scene: Scene, object: WrittenObject) => void;

const NO_NUMBERS = [-1, -4096, -(2 ** 53), 2 ** 53, 1e300, 0.5, '0', '4096', null, true, [], {}, undefined];
const NO_NAMES = [
  '../../../../etc/passwd',
  '/etc/passwd',
  '..',
  '',
  'x\0y',
  'a\nb',
  '\ud800',
  '__proto__',
  'x'.repeat(60_000),
];

/** Certain to be seen, whatever else there is to check the backup by. */
const OF_AN_OBJECT: Readonly<Record<string, Edit>> = {
  'an offset that is none': (extent, { dice }) => (extent['offset'] = dice.pick(NO_NUMBERS)),
  'a length that is none': (extent, { dice }) => (extent['length'] = dice.pick([0, ...NO_NUMBERS])),
  'an unknown codec': (extent, { dice }) =>
    (extent['compression'] = dice.pick(['lz4', '', 'zlib\0', 'toString', null, 7, 'é'.repeat(9000)])),
  'the wrong codec': (extent, { dice }) => (extent['compression'] = dice.pick(['none', 'zlib', 'bz2', 'zstd'])),
  'an MD5 that is none': (extent, { dice }) =>
    (extent['md5'] = dice.pick(['', 'x'.repeat(32), 7, {}, '00'.repeat(20)])),
  'the MD5 of something else': (extent) => (extent['md5'] = '00'.repeat(16)),
};

/** What still looks like a backup, of another volume. */
const OF_THE_IMAGE: Readonly<Record<string, Edit>> = {
  'another offset': (extent, { dice }) => (extent['offset'] = dice.between(0, 100_000)),
  'a huge offset': (extent) => (extent['offset'] = 2 ** 53 - 1),
  'another length': (extent, { dice }) => (extent['length'] = dice.between(1, 100_000)),
  'a huge length': (extent, { dice }) => (extent['length'] = dice.pick([2 ** 31, 2 ** 40, 2 ** 53 - 1])),
  'an extent of a neighbour': (extent, scene) => {
    const { offset, length } = someObject(scene) ?? { offset: 0, length: 1 };
    Object.assign(extent, { offset, length });
  },
};

const OF_THE_FRAME: Readonly<Record<string, (content: Record<string, unknown>, scene: Scene) => void>> = {
  'another version': (content, { dice }) =>
    (content['version'] = dice.pick(['1.0.1', '2', 1, null, {}, 'é\n'.repeat(9000)])),
  'another volume': (content, { dice }) => (content['volume_id'] = dice.pick(['another', '', null, 7, '\0\ud800'])),
  'no list of objects': (content, { dice }) => (content['objects'] = dice.pick([null, {}, 'x', 0, { length: 1 }])),
  'objects that are none': (content, { dice }) =>
    (content['objects'] as unknown[]).push(
      dice.pick<unknown>([null, 0, 'x', [], {}, [[]], { a: 1, b: 2 }, { a: null }]),
    ),
  'metadata of the volume that is none': (content, { dice }) =>
    (content['volume_meta'] = dice.pick([7, {}, '{', 'null', '{"version":3}', '['.repeat(5000)])),
};

const TO_FILES: Readonly<Record<string, (scene: Scene, file: string) => void>> = {
  'metadata that is cut off': ({ dice }, file) => truncateSync(file, dice.between(0, readFileSync(file).length - 1)),
  'metadata that is noise': ({ dice }, file) => writeFileSync(file, dice.noise(dice.between(0, 9000))),
  'metadata of brackets': ({ dice }, file) =>
    writeFileSync(file, dice.pick(['[', '{"objects":[', '{"a":']).repeat(100_000)),
  'metadata of a terabyte': (_, file) => truncateSync(file, 1024 ** 4),
  'metadata that begins with a byte order mark': (_, file) =>
    writeFileSync(file, `\ufeff${readFileSync(file, 'utf8')}`),
};

export const DAMAGED_METADATA: readonly Damage[] = [
  ...Object.entries(OF_AN_OBJECT).map(([title, edit]): Damage => ({ title, inflict: (scene) => editOne(scene, edit) })),
  ...Object.entries(OF_THE_IMAGE).map(([title, edit]): Damage => ({
    title,
    needsHashes: true,
    inflict: (scene) => editOne(scene, edit),
  })),
  ...Object.entries(OF_THE_FRAME).map(([title, edit]): Damage => ({
    title,
    inflict: (scene) => toOne(scene, (_, file) => editJson(file, (content) => edit(content, scene))),
  })),
  ...Object.entries(TO_FILES).map(([title, change]): Damage => ({ title, inflict: (scene) => toOne(scene, change) })),
  { title: 'an object under another name', inflict: rename },
  {
    title: 'an object that is listed twice',
    inflict: (scene) => editEntries(scene, (entries, at) => entries.push(entries[at]!)),
  },
  {
    title: 'an object that is not listed',
    inflict: (scene) => editEntries(scene, (entries, at) => entries.splice(at, 1)),
  },
  {
    title: 'metadata with a flipped bit',
    needsHashes: true,
    inflict: (scene) => toOne(scene, ({ dice }, file) => flipBit(dice, file)),
  },
];

/** Edits what the metadata says of one object. */
export function editObject(
  links: readonly WrittenLink[],
  object: WrittenObject,
  edit: (extent: Record<string, unknown>) => void,
): void {
  const link = links.find(({ objects }) => objects.includes(object))!;
  editJson(link.metadataFile, (content) => {
    edit((content['objects'] as Entries)[link.objects.indexOf(object)]![object.name]!);
  });
}

function editOne(scene: Scene, edit: Edit): boolean {
  const object = someObject(scene);
  if (object) editObject(scene.links, object, (extent) => edit(extent, scene, object));
  return object !== undefined;
}

function editEntries(scene: Scene, edit: (entries: Entries, at: number) => void): boolean {
  const object = someObject(scene);
  const link = scene.links.find(({ objects }) => object && objects.includes(object));
  if (!object || !link) return false;
  editJson(link.metadataFile, (content) => edit(content['objects'] as Entries, link.objects.indexOf(object)));
  return true;
}

function rename(scene: Scene): boolean {
  const { dice } = scene;
  return editEntries(scene, (entries, at) => {
    const [name, extent] = Object.entries(entries[at]!)[0]!;
    const names = [...NO_NAMES, `${name}0`, `${name}/../x`, name.replace(/-\d+$/, '_metadata'), name.slice(0, -1)];
    entries[at] = JSON.parse(JSON.stringify({ [dice.pick(names)]: extent })) as Entries[number];
  });
}

function toOne(scene: Scene, change: (scene: Scene, file: string) => void): boolean {
  change(scene, someLinkOf(scene).metadataFile);
  return true;
}
