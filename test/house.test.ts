import { importsOf, productFiles, sourceOf } from './support/imports';

/**
 * Who may import whom: the table of the design, as data. `any` may be imported as it is, `types` only by `import type`.
 * A name that ends in `/` is a folder; any other is a file or a package.
 */
interface Rule {
  readonly room: string;
  readonly any: readonly string[];
  readonly types?: readonly string[];
}

const RULES: readonly Rule[] = [
  { room: 'src/domain/', any: ['src/domain/'] },
  {
    room: 'workflows/',
    any: ['workflows/', 'src/domain/', '@temporalio/workflow', '@temporalio/common'],
    types: ['activities/'],
  },
  {
    room: 'activities/',
    any: ['activities/', 'src/domain/', '@temporalio/activity'],
    types: [
      'src/catalog/catalog',
      'src/drivers/backup/driver',
      'src/drivers/volume/driver',
      'src/copy/copy',
      'src/mover/mover',
      'src/mover/pool-calls',
    ],
  },
  { room: 'src/drivers/volume/', any: ['src/drivers/volume/', 'src/domain/', 'node:', 'koffi', 'zod'] },
  { room: 'src/drivers/backup/', any: ['src/drivers/backup/', 'src/domain/', 'node:', 'zod'] },
  { room: 'src/image/', any: ['src/image/', 'src/domain/', 'node:', 'zod'] },
  {
    room: 'src/copy/',
    any: ['src/copy/', 'src/domain/', 'src/image/block-hashes', 'node:'],
    types: ['src/image/backup-image'],
  },
  {
    room: 'src/mover/',
    any: ['src/mover/', 'src/domain/', 'src/drivers/', 'src/image/', 'src/copy/', 'src/local/project-folder', 'node:'],
  },
  { room: 'src/catalog/', any: ['src/catalog/', 'src/domain/', 'node:', 'kysely', 'pg'], types: ['pino'] },
  {
    room: 'src/api/',
    any: ['src/api/', 'src/domain/', 'src/runs/', 'src/temporal', 'node:', 'express', 'zod'],
    types: ['src/catalog/catalog', 'pino'],
  },
  {
    room: 'src/runs/',
    any: [
      'src/runs/',
      'src/domain/',
      'src/temporal',
      'workflows/search-attributes',
      'node:',
      'zod',
      '@temporalio/client',
      '@temporalio/common',
    ],
    types: ['workflows/', 'activities/house'],
  },
  {
    room: 'src/intake/',
    any: ['src/intake/', 'src/domain/', 'src/api/backup-record', 'src/image/metadata', 'node:', 'zod'],
    types: ['src/catalog/catalog'],
  },
  { room: 'src/config', any: ['node:', 'yaml', 'zod'] },
  {
    room: 'src/temporal',
    any: [
      'workflows/search-attributes',
      'src/domain/',
      'node:',
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/worker',
    ],
  },
];

const files = productFiles();
const isIn = (file: string, place: string): boolean => (place.endsWith('/') ? file.startsWith(place) : file === place);

describe('the house', () => {
  it.each(RULES)('$room imports only what the design lets it', ({ room, any, types = [] }) => {
    const inside = files.filter((file) => isIn(file, room));
    expect(inside).not.toEqual([]);
    const forbidden = inside.flatMap((file) =>
      importsOf(file)
        .filter(
          ({ to, typeOnly }) =>
            !any.some((place) => isIn(to, place)) && !(typeOnly && types.some((place) => isIn(to, place))),
        )
        .map(({ to, typeOnly }) => `${file} imports ${typeOnly ? 'type ' : ''}${to}`),
    );
    expect(forbidden).toEqual([]);
  });

  it('has no circle of imports', () => {
    const graph = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter(({ typeOnly }) => !typeOnly)
          .map(({ to }) => to),
      ]),
    );
    const done = new Set<string>();
    const circleFrom = (file: string, path: readonly string[]): string | null => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' -> ');
      if (done.has(file)) return null;
      for (const next of graph.get(file) ?? []) {
        const circle = circleFrom(next, [...path, file]);
        if (circle) return circle;
      }
      done.add(file);
      return null;
    };
    expect(files.map((file) => circleFrom(file, [])).filter((circle) => circle !== null)).toEqual([]);
  });

  it('imports from the file, never from a folder', () => {
    const known = new Set(files);
    const folders = files.flatMap((file) =>
      importsOf(file)
        .filter(({ to }) => /^(src|workflows|activities)(\/|$)/.test(to) && !known.has(to))
        .map(({ to }) => `${file} imports ${to}`),
    );
    expect(folders).toEqual([]);
  });

  it('reads the environment in one place', () => {
    const readers = files.filter((file) => /process\.env/.test(sourceOf(file)));
    expect(readers).toEqual(['src/config']);
  });

  it('keeps no mutable state in the modules of workflows', () => {
    const mutable = files.filter((file) => file.startsWith('workflows/') && /^(let|var) /m.test(sourceOf(file)));
    expect(mutable).toEqual([]);
  });

  it('has no room for things without a home', () => {
    const homeless = /(^|\/)(utils?|helpers?|common|lib|types|services?|managers?|misc)(\/|$)/;
    expect(files.filter((file) => homeless.test(file))).toEqual([]);
  });
});
