import type { Row } from './cinder-writer';
import type { Damage } from './scene';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const NO_FOLDERS = ['..', '../..', '/etc', 'a/../../..', '', 'nowhere', 'x\0y', 'x'.repeat(5000), '\ud800', 'x\n'];

/** Records are imported, so that they are no more to be trusted than the repository. */
const EDITS: Readonly<Record<string, (row: Mutable<Row>, pick: <T>(choices: readonly T[]) => T) => void>> = {
  'a container that is none': (row, pick) => (row.container = pick(NO_FOLDERS)),
  'a prefix that is none': (row, pick) =>
    (row.serviceMetadata = pick([
      '',
      'volume_',
      '../x',
      `${row.serviceMetadata}-`,
      `${row.serviceMetadata}-00001`,
      'x'.repeat(300),
    ])),
  'another parent': (row, pick) => (row.parentId = pick(['another', row.id, ''])),
  'another source': (row) => (row.volumeId = 'another'),
  'another count of objects (F-10)': (row, pick) => (row.objectCount = pick([-1, 0, row.objectCount + 1, 1e9])),
};

export const DAMAGED_ROWS: readonly Damage[] = [
  ...Object.entries(EDITS).map(([title, edit]): Damage => ({
    title,
    inflict: ({ dice, rows }) => {
      edit(dice.pick(rows), (choices) => dice.pick(choices));
      return true;
    },
  })),
  { title: 'a chain without its full backup', inflict: ({ rows }) => rows.length > 1 && rows.pop() !== undefined },
  { title: 'a chain with a link left out', inflict: ({ rows }) => rows.length > 2 && rows.splice(1, 1).length > 0 },
  { title: 'a chain that goes on', inflict: ({ rows }) => rows.push({ ...rows.at(-1)!, id: 'older' }) > 0 },
  { title: 'a chain in the wrong order', inflict: ({ rows }) => rows.length > 1 && rows.reverse().length > 0 },
];
