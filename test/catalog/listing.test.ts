import { randomUUID } from 'node:crypto';
import type { Catalog, Page, VolumeFilter } from '../../src/catalog/catalog';
import type { CreateVolumeRequest } from '../../src/domain/create-request';
import { accept, importOf, newProject, openTestCatalog, outcomeOf, RUN } from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
let catalog: Catalog;
let projectId: string;

beforeAll(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
});

afterAll(async () => {
  await opened.close();
});

beforeEach(() => {
  projectId = newProject();
});

function pageOf<Filter>(filter: Filter, page: Partial<Page<Filter>> = {}): Page<Filter> {
  return { visibility: { projectId }, filter, sort: [], offset: 0, limit: 1000, marker: null, ...page };
}

/** Volumes of the given names, one second after another. */
async function volumesNamed(...names: (string | null)[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) ids.push((await accept(catalog, { projectId, name })).id);
  const text = "update volumes set created_at = timestamptz '2026-01-01' + $2 * interval '1 s' where id = $1";
  await Promise.all(ids.map((id, index) => opened.database.query(text, [id, index])));
  return ids;
}

/** The names of all pages together, read page by page. */
async function namesByPages(page: Partial<Page<VolumeFilter>>, limit: number): Promise<(string | null)[]> {
  const names: (string | null)[] = [];
  for (let marker: string | null = null; ;) {
    const { rows } = await catalog.listVolumes(pageOf({}, { ...page, limit, marker }));
    names.push(...rows.map(({ name }) => name));
    const last = rows.at(-1);
    if (!last) return names;
    marker = last.id;
  }
}

describe('listVolumes', () => {
  it('shows the newest first (H-52)', async () => {
    await volumesNamed('a', 'b', 'c');
    const { rows, total } = await catalog.listVolumes(pageOf({}));
    expect(rows.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(total).toBe(3);
  });

  it('answers rows as findVolume does', async () => {
    const [id = ''] = await volumesNamed('a');
    const { rows } = await catalog.listVolumes(pageOf({}));
    expect(rows).toEqual([await catalog.findVolume(id, 'all-projects')]);
  });

  it('hides deleted volumes and those of other projects', async () => {
    const [deleted = ''] = await volumesNamed('a', 'b');
    await catalog.beginDeletion(deleted, RUN);
    await catalog.finishDeletion(deleted);
    await accept(catalog);
    const { rows, total } = await catalog.listVolumes(pageOf({}));
    expect(rows.map(({ name }) => name)).toEqual(['b']);
    expect(total).toBe(1);
  });

  it('shows every project to those who may see all', async () => {
    await volumesNamed('a');
    const other = await accept(catalog);
    const { rows } = await catalog.listVolumes(pageOf({}, { visibility: 'all-projects' }));
    expect(rows.map(({ projectId: project }) => project)).toEqual(expect.arrayContaining([projectId, other.projectId]));
  });

  it.each([1, 2, 3, 7])('misses and repeats nothing, in pages of %i (H-51)', async (limit) => {
    await volumesNamed('a', 'b', 'c', 'd', 'e');
    expect(await namesByPages({}, limit)).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('misses nothing among volumes of the same time', async () => {
    await volumesNamed('a', 'b', 'c', 'd');
    await opened.database.query('update volumes set created_at = now() where project_id = $1', [projectId]);
    expect((await namesByPages({}, 1)).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([
    [
      ['name', 'asc'],
      [null, null, 'B', 'a', 'a'],
    ],
    [
      ['name', 'desc'],
      ['a', 'a', 'B', null, null],
    ],
  ] as const)('sorts by %j in pages, a missing name being the lowest', async (key, expected) => {
    await volumesNamed('a', null, 'B', 'a', null);
    expect(await namesByPages({ sort: [key] }, 1)).toEqual(expected);
    expect(await namesByPages({ sort: [key] }, 2)).toEqual(expected);
  });

  it('sorts by several keys, each in its direction', async () => {
    const sizes: Partial<CreateVolumeRequest>[] = [
      { name: 'a', sizeGib: 1 },
      { name: 'b', sizeGib: 2 },
      { name: 'c', sizeGib: 1 },
      { name: 'd', sizeGib: 2 },
    ];
    for (const request of sizes) await accept(catalog, { projectId, ...request });
    const sort = [
      ['size', 'desc'],
      ['name', 'asc'],
    ] as const;
    expect(await namesByPages({ sort }, 1)).toEqual(['b', 'd', 'a', 'c']);
  });

  it.each(['created_at', 'updated_at', 'id', 'name', 'status', 'size', 'availability_zone'] as const)(
    'knows the sort key %s, and its reverse is the reverse',
    async (column) => {
      await volumesNamed('a', 'b', null);
      const ascending = await namesByPages({ sort: [[column, 'asc']] }, 1);
      expect(ascending).toHaveLength(3);
      expect(await namesByPages({ sort: [[column, 'desc']] }, 2)).toEqual(ascending.reverse());
    },
  );

  it('skips rows after the marker, and shows none for a limit of 0 (H-51)', async () => {
    const ids = await volumesNamed('a', 'b', 'c', 'd');
    const skipped = await catalog.listVolumes(pageOf({}, { marker: ids[3] ?? '', offset: 1, limit: 1 }));
    expect(skipped.rows.map(({ name }) => name)).toEqual(['b']);
    expect(skipped.total).toBe(4);
    expect(await catalog.listVolumes(pageOf({}, { limit: 0 }))).toEqual({ rows: [], total: 4 });
  });

  it('refuses a marker that is unknown, deleted, of another project, or no id at all (H-51)', async () => {
    const [deleted = ''] = await volumesNamed('a');
    await catalog.beginDeletion(deleted, RUN);
    await catalog.finishDeletion(deleted);
    const other = await accept(catalog);
    for (const marker of [randomUUID(), deleted, other.id, 'a\0b', '']) {
      await expect(catalog.listVolumes(pageOf({}, { marker }))).rejects.toThrow(`Volume ${marker} could not be found.`);
    }
  });

  it('filters (H-54)', async () => {
    await catalog.reportPools([]);
    await accept(catalog, { projectId, name: 'small', metadata: { tier: 'gold', team: 'x' } });
    const big = await accept(catalog, { projectId, name: 'big', sizeGib: 9, metadata: { tier: 'gold' } });
    await catalog.beginDeletion(big.id, RUN);
    const cases: [VolumeFilter, string[]][] = [
      [{}, ['big', 'small']],
      [{ name: 'small' }, ['small']],
      [{ name: 'Small' }, []],
      [{ status: 'deleting' }, ['big']],
      [{ status: 'nonsense' }, []],
      [{ availabilityZone: 'nova' }, ['big', 'small']],
      [{ availabilityZone: 'other' }, []],
      [{ bootable: false }, ['big', 'small']],
      [{ bootable: true }, []],
      [{ sizeGib: 9 }, ['big']],
      [{ sizeGib: 2 ** 40 }, []],
      [{ metadata: { tier: 'gold' } }, ['big', 'small']],
      [{ metadata: { tier: 'gold', team: 'x' } }, ['small']],
      [{ metadata: { tier: 'silver' } }, []],
      [{ metadata: { tier: '\0' } }, []],
      [{ name: 'small', sizeGib: 9 }, []],
      [{ name: "'; drop table volumes; --" }, []],
      [{ name: '\0' }, []],
    ];
    for (const [filter, expected] of cases) {
      const { rows, total } = await catalog.listVolumes(pageOf(filter));
      expect([filter, rows.map(({ name }) => name).sort()]).toEqual([filter, expected]);
      expect(total).toBe(expected.length);
    }
  });
});

describe('listBackups', () => {
  it('filters, sorts and pages (H-54, H-65)', async () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    await catalog.importBackup(importOf({ projectId, name: 'a', volumeId: 'one', createdAt: at(1) }));
    const b = await catalog.importBackup(importOf({ projectId, name: 'b', volumeId: 'two', createdAt: at(2) }));
    await catalog.importBackup(importOf({ projectId, name: 'c', volumeId: 'one', createdAt: at(3) }));
    const names = async (page: Parameters<Catalog['listBackups']>[0]) =>
      (await catalog.listBackups(page)).rows.map(({ name }) => name);
    expect(await names(pageOf({}))).toEqual(['c', 'b', 'a']);
    expect(await names(pageOf({ volumeId: 'one' }))).toEqual(['c', 'a']);
    expect(await names(pageOf({ name: 'b', status: 'available' }))).toEqual(['b']);
    expect(await names(pageOf({ status: 'error' }))).toEqual([]);
    expect(await names(pageOf({}, { marker: b.id }))).toEqual(['a']);
    expect(await names(pageOf({}, { sort: [['name', 'asc']], limit: 2 }))).toEqual(['a', 'b']);
    expect(await outcomeOf(catalog.listBackups(pageOf({}, { marker: 'unknown' })))).toBe('BackupNotFound');
    expect(await catalog.listBackups(pageOf({ volumeId: 'one' }, { limit: 1 }))).toMatchObject({ total: 2 });
  });
});
