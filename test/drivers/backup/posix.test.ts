import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { posixBackupDriver } from '../../../src/drivers/backup/posix';
import type { BackupLink } from '../../../src/domain/backup';
import { Refusal } from '../../../src/domain/errors';
import { damageableCopy, fixture } from '../../support/fixtures';
import type { DamageableCopy } from '../../support/fixtures';

const original = fixture('zlib-c4m-s32k-odd');
const [leaf] = original.links('inc3') as [BackupLink];
const firstObject = `${leaf.serviceMetadata!}-00001`;

describe('the posix backup driver', () => {
  let copy: DamageableCopy;
  beforeEach(() => {
    copy = damageableCopy(original);
  });
  afterEach(() => copy.dispose());

  const driver = () => posixBackupDriver({ root: copy.repoRoot });
  const read = async (link: BackupLink, name: string, signal?: AbortSignal): Promise<Buffer[]> => {
    const pieces: Buffer[] = [];
    for await (const piece of driver().readObject(link, name, { signal })) pieces.push(Buffer.from(piece));
    return pieces;
  };

  it('lists the objects of a link with their stored sizes, metadata objects included (F-1, F-11)', async () => {
    const objects = await driver().listObjects(leaf);

    const suffixes = ['-00001', '-00002', '-00003', '-00004', '-00005', '_metadata', '_sha256file'];
    expect([...objects].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      suffixes.map((suffix) => ({
        name: `${leaf.serviceMetadata!}${suffix}`,
        storedBytes: statSync(copy.pathOf(leaf, suffix)).size,
      })),
    );
  });

  it('lists only its own objects of a container that all backups share', async () => {
    const shared = fixture('backup-container-option');
    const objects = await Promise.all(
      shared.links('inc3').map((link) => posixBackupDriver({ root: shared.repoRoot }).listObjects(link)),
    );

    expect(objects.map((own) => own.length)).toEqual(shared.links('inc3').map((link) => link.objectCount + 2));
  });

  it('deletes the objects of a link, and does so twice (F-1)', async () => {
    const [, parent] = original.links('inc3');
    const before = await driver().listObjects(parent!);
    const counts: number[] = [];

    await driver().deleteObjects(leaf, { onDeleted: (count) => counts.push(count) });
    await driver().deleteObjects(leaf);

    expect(await driver().listObjects(leaf)).toEqual([]);
    expect(await driver().listObjects(parent!)).toEqual(before);
    expect(counts).toEqual([7]);
  });

  it('deletes nothing where there is no container any more', async () => {
    await expect(driver().deleteObjects({ ...leaf, container: 'gone' })).resolves.toBeUndefined();
  });

  it.each([
    ['a prefix of nothing, which all names begin with', { serviceMetadata: '' }],
    ['no prefix', { serviceMetadata: null }],
    ['a prefix with a folder', { serviceMetadata: `../${leaf.serviceMetadata}` }],
    ['a container above the repository', { container: '../elsewhere' }],
    ['an absolute container', { container: '/etc' }],
    ['a container that is a link out of the repository', { container: 'link' }],
  ])('deletes nothing for a record with %s', async (_what, hostile) => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'rekindle-elsewhere-'));
    writeFileSync(path.join(elsewhere, `${leaf.serviceMetadata!}_metadata`), 'mine');
    symlinkSync(elsewhere, path.join(copy.repoRoot, 'link'));
    const before = await driver().listObjects(leaf);

    await expect(driver().deleteObjects({ ...leaf, ...hostile })).rejects.toBeInstanceOf(Refusal);

    expect(await driver().listObjects(leaf)).toEqual(before);
    expect(statSync(path.join(elsewhere, `${leaf.serviceMetadata!}_metadata`)).size).toBe(4);
    rmSync(elsewhere, { recursive: true });
  });

  it('deletes no links, no folders, and none whose prefix only begins like this one (F-1)', async () => {
    const shorter = { ...leaf, serviceMetadata: leaf.serviceMetadata!.slice(0, -3) };
    symlinkSync('/etc/hostname', copy.pathOf(leaf, '-00099'));
    mkdirSync(copy.pathOf(leaf, '-00098'));

    await driver().deleteObjects(shorter);
    expect((await driver().listObjects(original.links('inc2')[0]!)).length).toBeGreaterThan(0);
    expect(statSync(copy.pathOf(leaf, '_metadata')).isFile()).toBe(true);
    await driver().deleteObjects(leaf);

    expect(statSync(copy.pathOf(leaf, '-00098')).isDirectory()).toBe(true);
    expect(readFileSync(copy.pathOf(leaf, '-00099')).length).toBeGreaterThan(0);
  });

  it('lists 2,000 objects', async () => {
    for (let index = 0; index < 2000; index += 1) writeFileSync(copy.pathOf(leaf, `-1${index}`), 'x');

    expect(await driver().listObjects(leaf)).toHaveLength(2007);
  });

  it('reads an object in pieces of at most 1 MiB', async () => {
    writeFileSync(copy.pathOf(leaf, '-00001'), Buffer.alloc(3 * 2 ** 20 + 5, 1));

    const pieces = await read(leaf, firstObject);

    expect(pieces.map((piece) => piece.length)).toEqual([2 ** 20, 2 ** 20, 2 ** 20, 5]);
    expect(Buffer.concat(pieces).equals(readFileSync(copy.pathOf(leaf, '-00001')))).toBe(true);
  });

  it("stops reading with the signal's reason", async () => {
    const reason = new Error('enough');

    await expect(read(leaf, firstObject, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('tells where the file of an object lies', async () => {
    expect(await driver().localFile?.(leaf, firstObject)).toBe(copy.pathOf(leaf, '-00001'));
  });

  it('follows a symbolic link that stays in the repository', async () => {
    const moved = path.join(copy.repoRoot, 'moved');
    renameSync(copy.pathOf(leaf, '-00001'), moved);
    symlinkSync(moved, copy.pathOf(leaf, '-00001'));

    expect(Buffer.concat(await read(leaf, firstObject)).equals(readFileSync(moved))).toBe(true);
    expect(await driver().localFile?.(leaf, firstObject)).toBe(moved);
    expect(await driver().listObjects(leaf)).toHaveLength(7);
  });

  describe('refuses for certain', () => {
    it.each([
      ['a record without container', { container: null }, 'its record names no container'],
      ['an empty container', { container: '' }, 'its record names no container'],
      ['a container that is missing', { container: 'no/such' }, 'container no/such is missing'],
      ['a container that is a file', { container: `${leaf.container!}/${firstObject}` }, 'is not a directory'],
      ['a container above the repository', { container: '../x' }, 'container ../x leads out of the repository'],
      ['a container that climbs', { container: `${leaf.container!}/../../../..` }, 'leads out of the repository'],
      ['an absolute container', { container: '/etc' }, 'container /etc leads out of the repository'],
      ['a container with a null byte', { container: 'a\0b' }, 'leads out of the repository'],
      ['a container too long for any file', { container: 'x'.repeat(5000) }, 'is missing'],
    ])('%s', async (_, change, fault) => {
      const message = expect.stringMatching(new RegExp(`^Backup ${leaf.id} is damaged: .*${fault}`));
      await expect(driver().listObjects({ ...leaf, ...change })).rejects.toMatchObject({
        code: 'BackupDamaged',
        message,
      });
    });

    it.each([
      ['an object that is missing', `${leaf.serviceMetadata!}-99999`, 'is missing'],
      ['an object above the container', '../../../../etc/passwd', 'leads out of the repository'],
      ['an absolute object', '/etc/passwd', 'leads out of the repository'],
      ['a directory', '.', 'is not a file'],
    ])('%s', async (_, name, fault) => {
      const refusal = {
        code: 'BackupDamaged',
        message: expect.stringContaining(`Backup ${leaf.id} is damaged: object ${name} ${fault}`),
      };
      await expect(read(leaf, name)).rejects.toMatchObject(refusal);
      await expect(driver().localFile?.(leaf, name)).rejects.toMatchObject(refusal);
    });

    it('an object that is a symbolic link out of the repository', async () => {
      const outside = mkdtempSync(path.join(tmpdir(), 'rekindle-outside-'));
      writeFileSync(path.join(outside, 'secret'), 'secret');
      rmSync(copy.pathOf(leaf, '-00001'));
      symlinkSync(path.join(outside, 'secret'), copy.pathOf(leaf, '-00001'));
      const refusal = { code: 'BackupDamaged', message: expect.stringContaining('leads out of the repository') };

      await expect(read(leaf, firstObject)).rejects.toMatchObject(refusal);
      await expect(driver().listObjects(leaf)).rejects.toMatchObject(refusal);
      rmSync(outside, { recursive: true });
    });

    it('a container that is a symbolic link out of the repository', async () => {
      const outside = mkdtempSync(path.join(tmpdir(), 'rekindle-outside-'));
      symlinkSync(outside, path.join(copy.repoRoot, 'out'));

      await expect(driver().listObjects({ ...leaf, container: 'out' })).rejects.toMatchObject({
        code: 'BackupDamaged',
        message: expect.stringContaining('container out leads out of the repository'),
      });
      rmSync(outside, { recursive: true });
    });
  });

  describe('leaves it open, so that the call is repeated,', () => {
    it('when the repository is not there', async () => {
      const error = await posixBackupDriver({ root: path.join(copy.repoRoot, 'gone') })
        .listObjects(leaf)
        .catch(String);

      expect(error).toMatch(/is not there: is it mounted\?/);
    });

    it('when the repository is empty, as where nothing is mounted', async () => {
      const root = path.join(copy.repoRoot, 'empty');
      mkdirSync(root);
      const error: unknown = await posixBackupDriver({ root })
        .listObjects(leaf)
        .catch((thrown: unknown) => thrown);

      expect(error).not.toBeInstanceOf(Refusal);
      expect(String(error)).toMatch(/is empty: is it mounted\?/);
    });
  });
});
