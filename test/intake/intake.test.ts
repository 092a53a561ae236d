import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Catalog } from '../../src/catalog/catalog';
import { takeIn } from '../../src/intake/intake';
import type { Intake, IntakeOptions } from '../../src/intake/intake';
import { recordFiles } from '../../src/intake/record-files';
import { repositoryRecords } from '../../src/intake/repository';
import type { RecordSource, Unreadable } from '../../src/intake/source';
import { openTestCatalog } from '../catalog/arrange';
import type { TestCatalog } from '../catalog/arrange';
import { damageableCopy, fixture, LABELS } from '../support/fixtures';
import type { DamageableCopy, Label } from '../support/fixtures';
import { POSIX_SERVICE } from '../support/posix-layout';
import { editMetadata } from '../support/write-backup';

const chain = fixture('zlib-c4m-s32k-odd');
const ids = LABELS.map((label) => chain.links(label)[0]!.id);

let opened: TestCatalog;
let catalog: Catalog;
let folder: string;
beforeEach(async () => {
  opened = await openTestCatalog();
  ({ catalog } = opened);
  folder = mkdtempSync(path.join(tmpdir(), 'rekindle-intake-'));
});
afterEach(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

interface PrintedRecord {
  readonly backup_service: string;
  readonly backup_url: string;
}

interface Outcome {
  readonly intake: Intake;
  readonly refused: readonly Unreadable[];
}

async function take(source: RecordSource, options: Partial<IntakeOptions> = {}): Promise<Outcome> {
  const refused: Unreadable[] = [];
  const intake = await takeIn({
    source,
    catalog,
    projectId: null,
    userId: null,
    availabilityZone: 'nova',
    dryRun: false,
    onRefused: (one) => refused.push(one),
    ...options,
  });
  expect(intake.refused).toBe(refused.length);
  return { intake, refused };
}

const put = (name: string, content: unknown): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
};
const recordOf = (label: Label): PrintedRecord => Object.values(chain.record(label))[0] as PrintedRecord;
const backup = (id: string) => catalog.findBackup(id, 'all-projects');
const counts = (one: Partial<Intake>): Intake => ({ takenIn: 0, alreadyThere: 0, repeated: 0, refused: 0, ...one });

/** As PrettyTable prints what `cinder backup-export` is answered. */
function printed(label: Label, wrapAt = Infinity): string {
  const { backup_service: service, backup_url: url } = recordOf(label);
  const rows = [
    ['Property', 'Value'],
    ['backup_service', service],
  ];
  for (let at = 0; at < url.length; at += Math.min(wrapAt, url.length)) {
    rows.push([at === 0 ? 'backup_url' : '', url.slice(at, at + Math.min(wrapAt, url.length))]);
  }
  return rows.map(([name, value]) => `| ${name} | ${value} |\n`).join('');
}

describe('taking in a folder of records', () => {
  it('takes whole chains, whatever the order of the files, and beyond all quotas', async () => {
    await catalog.setQuota(chain.decodedRecord('full')['project_id'] as string, { backups: 0 });
    LABELS.forEach((label, index) => put(`some/${9 - index}.json`, chain.record(label)));

    expect((await take(recordFiles(folder))).intake).toEqual(counts({ takenIn: 4 }));

    const record = chain.decodedRecord('inc3');
    expect(await backup(ids[3]!)).toMatchObject({
      projectId: record['project_id'],
      userId: record['user_id'],
      name: record['display_name'],
      parentId: ids[2],
      status: 'available',
      availabilityZone: 'nova',
      createdAt: new Date(record['created_at'] as string),
    });
  });

  it('reads what clients print, once or several times, wrapped or not, and rows that somebody has decoded', async () => {
    put('printed.txt', `${printed('full')}\n${printed('inc1', 60)}`);
    put('openstack.json', recordOf('inc2'));
    put('decoded.json', chain.decodedRecord('inc3'));
    put('again.json', chain.record('inc3'));

    expect((await take(recordFiles(folder))).intake).toEqual(counts({ takenIn: 4, repeated: 1 }));
    expect((await backup(ids[1]!))?.serviceMetadata).toBe(chain.links('inc1')[0]!.serviceMetadata);
  });

  it.each([
    [
      'shell',
      ({ backup_service, backup_url }: PrintedRecord) =>
        `backup_service="${backup_service}"\nbackup_url="${backup_url}"\n`,
    ],
    [
      'yaml',
      ({ backup_service, backup_url }: PrintedRecord) =>
        `backup_service: ${backup_service}\nbackup_url: ${backup_url}\n`,
    ],
    ['value', ({ backup_service, backup_url }: PrintedRecord) => `${backup_service}\n${backup_url}\n`],
    [
      'table',
      ({ backup_service, backup_url }: PrintedRecord) =>
        `+---+\n| Field | Value |\n| Backup Service | ${backup_service} |\n| Metadata | ${backup_url.slice(0, 99)} |\n|  | ${backup_url.slice(99)} |\n`,
    ],
  ])('reads what openstack prints with -f %s', async (_format, print) => {
    put('full', print(recordOf('full')));
    expect((await take(recordFiles(folder))).intake).toEqual(counts({ takenIn: 1 }));
  });

  it('can be repeated: what is there stays as it is', async () => {
    LABELS.forEach((label) => put(`${label}.json`, chain.record(label)));
    await take(recordFiles(folder));
    await catalog.editBackup(ids[0]!, { name: 'renamed since' });

    expect((await take(recordFiles(folder))).intake).toEqual(counts({ alreadyThere: 4 }));
    expect((await backup(ids[0]!))?.name).toBe('renamed since');
  });

  it('only tells, if that is all it is to do', async () => {
    LABELS.forEach((label) => put(`${label}.json`, chain.record(label)));

    expect((await take(recordFiles(folder), { dryRun: true })).intake).toEqual(counts({ takenIn: 4 }));
    expect(await backup(ids[0]!)).toBeNull();
  });

  it('gives the backups to whom it is told to', async () => {
    put('full.json', chain.record('full'));
    await take(recordFiles(folder), { projectId: 'theirs', userId: 'them' });
    expect(await backup(ids[0]!)).toMatchObject({ projectId: 'theirs', userId: 'them' });
  });

  it('takes no child of a parent that is missing, and says so of each (H-78, W-27)', async () => {
    for (const label of ['full', 'inc2', 'inc3'] as const) put(`${label}.json`, chain.record(label));

    const { intake, refused } = await take(recordFiles(folder));

    expect(intake).toEqual(counts({ takenIn: 1, refused: 2 }));
    expect(refused).toEqual([
      { place: 'inc2.json', why: expect.stringContaining(`its parent ${ids[1]} is neither among them`) },
      { place: 'inc3.json', why: expect.stringContaining(`its parent ${ids[2]} is neither among them`) },
    ]);
  });

  it('takes the rest when it comes later', async () => {
    put('full.json', chain.record('full'));
    await take(recordFiles(folder));
    rmSync(path.join(folder, 'full.json'));
    put('inc1.json', chain.record('inc1'));

    expect((await take(recordFiles(folder))).intake).toEqual(counts({ takenIn: 1 }));
  });

  it('refuses chains that bite their tail, and two records that contradict each other', async () => {
    const record = (id: string, parent: string, size = 1) => ({
      ...chain.decodedRecord('full'),
      ...{ id, parent_id: parent, size },
    });
    put('a.json', record('a', 'b'));
    put('b.json', record('b', 'a'));
    put('child.json', record('child', 'a'));
    put('full.json', chain.record('full'));
    put('other.json', { ...chain.decodedRecord('full'), size: 7 });

    const { intake, refused } = await take(recordFiles(folder));

    expect(intake).toEqual(counts({ takenIn: 1, refused: 4 }));
    expect(refused.map(({ why }) => why).sort()).toEqual(
      [
        expect.stringMatching(/says otherwise/),
        ...['a', 'b', 'child'].map((id) => `backup ${id}: its chain leads back to itself`),
      ].sort() as unknown[],
    );
  });

  it('refuses what is no record, and reads nothing outside of the folder', async () => {
    put('full.json', chain.record('full'));
    put('notes.txt', 'remember the milk');
    put('broken.json', '{"backup-record":');
    put('empty.json', '');
    put('list.json', '[1]');
    put('wrong.json', { 'backup-record': { backup_service: 's', backup_url: '%%%' } });
    put('nul.json', { ...chain.decodedRecord('full'), id: 'a\0b' });
    put('size.json', { ...chain.decodedRecord('full'), id: 'x', size: -1 });
    put('large.json', '');
    truncateSync(path.join(folder, 'large.json'), 17 * 1024 ** 2);
    symlinkSync('/etc/passwd', path.join(folder, 'link.json'));
    symlinkSync('/', path.join(folder, 'everything'));
    execFileSync('mkfifo', [path.join(folder, 'pipe.json')]);

    const { intake, refused } = await take(recordFiles(folder));

    expect(intake).toEqual(counts({ takenIn: 1, refused: 11 }));
    const whyOf = Object.fromEntries(refused.map(({ place, why }) => [place, why]));
    expect(whyOf).toMatchObject({
      'notes.txt': 'holds no record',
      'wrong.json': "Invalid input received: Can't decode backup record.",
      'large.json': expect.stringContaining('too large'),
      'link.json': 'is neither a file nor a folder',
      everything: 'is neither a file nor a folder',
      'pipe.json': 'is neither a file nor a folder',
    });
  });

  it('leaves alone a backup of the catalog that has the same id and is another', async () => {
    put('full.json', chain.record('full'));
    await take(recordFiles(folder));
    put('full.json', { ...chain.decodedRecord('full'), container: 'elsewhere' });

    const { refused } = await take(recordFiles(folder));

    expect(refused).toEqual([{ place: 'full.json', why: expect.stringContaining('another backup of this id') }]);
    expect((await backup(ids[0]!))?.container).toBe(chain.links('full')[0]!.container);
  });
});

it('gives up when the catalog cannot be reached, and blames no record for it', async () => {
  LABELS.forEach((label) => put(`${label}.json`, chain.record(label)));
  const away = { ...catalog, importBackup: () => Promise.reject(new Error('the catalog is away')) };
  await expect(take(recordFiles(folder), { catalog: away })).rejects.toThrow('the catalog is away');
});

describe('rebuilding the records of a repository', () => {
  let copy: DamageableCopy;
  const repository = () => repositoryRecords({ root: copy.repoRoot, service: POSIX_SERVICE });
  beforeEach(() => {
    copy = damageableCopy(chain);
  });
  afterEach(() => copy.dispose());

  it.each(['zlib-c4m-s32k-odd', 'backup-container-option', 'all-zero-volume'] as const)(
    'tells of %s all that its records told (F-2, F-11)',
    async (name) => {
      const one = fixture(name);
      const { intake } = await take(repositoryRecords({ root: one.repoRoot, service: POSIX_SERVICE }));
      expect(intake).toEqual(counts({ takenIn: 4 }));
      for (const label of LABELS) {
        const [link] = one.links(label);
        const record = one.decodedRecord(label);
        expect(await backup(link!.id)).toMatchObject({
          ...link,
          name: record['display_name'],
          projectId: record['project_id'],
          userId: record['user_id'],
        });
      }
    },
  );

  it('agrees with the records: taken in by both, each backup is there once', async () => {
    for (const label of LABELS) put(`${label}.json`, chain.record(label));
    await take(recordFiles(folder));
    expect((await take(repository())).intake).toEqual(counts({ alreadyThere: 4 }));
  });

  it('says which backups cannot be read and why, and takes those that can', async () => {
    const [leaf, second, first, full] = chain.links('inc3');
    truncateSync(copy.pathOf(leaf!, '_metadata'), 100);
    mkdirSync(path.join(copy.repoRoot, 'x'));
    symlinkSync(copy.pathOf(full!, '_metadata'), path.join(copy.repoRoot, 'x', 'link_metadata'));
    writeFileSync(path.join(copy.repoRoot, 'x', 'foreign_metadata'), '{"version": "1.0.0"}');
    writeFileSync(path.join(copy.repoRoot, 'top_metadata'), '{}');

    const { intake, refused } = await take(repository());

    expect(intake).toEqual(counts({ takenIn: 3, refused: 4 }));
    expect(Object.fromEntries(refused.map(({ place, why }) => [path.basename(place), why]))).toEqual({
      [path.basename(copy.pathOf(leaf!, '_metadata'))]: expect.stringContaining('is not JSON'),
      link_metadata: 'is neither a file nor a folder',
      foreign_metadata: expect.stringContaining('is not what Cinder writes'),
      top_metadata: 'lies in no container',
    });
    for (const { id } of [second!, first!, full!]) expect((await backup(id))?.status).toBe('available');
    expect(await backup(leaf!.id)).toBeNull();
  });

  it('refuses metadata that names the objects of others, and leaves out what builds on it', async () => {
    const [, , first] = chain.links('inc3');
    editMetadata(copy.pathOf(first!, '_metadata'), ({ objects }) =>
      objects.push({ 'somebody-elses-00001': { offset: 0, length: 1, compression: 'none' } }),
    );
    const { intake, refused } = await take(repository());
    expect(intake).toEqual(counts({ takenIn: 1, refused: 3 }));
    expect(refused[0]?.why).toMatch(/objects of another name/);
  });
});
