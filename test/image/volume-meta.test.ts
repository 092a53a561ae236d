import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupLink } from '../../src/domain/backup';
import type { VolumeMeta } from '../../src/domain/volume-metadata';
import { parseVolumeMeta } from '../../src/image/volume-meta';
import { fixture, LABELS, SMALL_FIXTURES } from '../support/fixtures';
import { cinderVolumeMeta } from '../support/volume-meta';
import { editMetadata, writeBackup } from '../support/write-backup';
import { openFrom } from './assemble';

const WHERE = { backupId: 'b', objectName: 'p_metadata' };
const parse = (json: string): VolumeMeta | null => parseVolumeMeta(json, WHERE);

describe('volume_meta', () => {
  it('says what the volume was called and carried (S-61)', () => {
    const json = cinderVolumeMeta({
      base: { display_name: 'root', display_description: 'of the shop', bootable: true, encryption_key_id: 'k' },
      metadata: { owner: 'them' },
      imageMetadata: { os_distro: 'debian' },
    });
    expect(parse(json)).toEqual({
      name: 'root',
      description: 'of the shop',
      bootable: true,
      encryptionKeyId: 'k',
      volumeTypeId: '3ba67fe5-782c-44b3-ae4d-c5ab6b3c2c3e',
      userMetadata: { owner: 'them' },
      imageMetadata: { os_distro: 'debian' },
    });
  });

  it('says the same in version 1, the key of the encrypted bytes included (S-61)', () => {
    const of = (version: number): VolumeMeta | null =>
      parse(cinderVolumeMeta({ version, base: { encryption_key_id: 'k' }, metadata: { a: 'b' } }));
    expect(of(1)).toEqual(of(2));
    expect(of(1)).toMatchObject({ encryptionKeyId: 'k' });
  });

  it('may lack every part but its version', () => {
    const nothing = { name: null, bootable: null, encryptionKeyId: null, userMetadata: {}, imageMetadata: {} };
    expect(parse('{"version": 2}')).toMatchObject(nothing);
    expect(parse('{"version": 1, "volume-base-metadata": {}, "volume-metadata": null}')).toMatchObject(nothing);
  });

  it('says nothing when it is empty', () => {
    expect(parse('')).toBeNull();
  });

  it('may have a key that JavaScript minds, and a value that the database left null', () => {
    const metadata = JSON.parse('{"__proto__": "a", "constructor": "b", "none": null}') as Record<string, unknown>;
    const userMetadata = parse(cinderVolumeMeta({ metadata }))?.userMetadata ?? {};
    expect(Object.entries(userMetadata)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['none', ''],
    ]);
  });

  it('loses what no row can hold, and nothing else', () => {
    const json = cinderVolumeMeta({ base: { display_name: 'a\0b\ud800c 😀' }, metadata: { 'k\0': '\udc00v' } });
    expect(parse(json)).toMatchObject({ name: 'abc 😀', userMetadata: { k: 'v' } });
  });

  it.each([
    ['is not JSON', '{"version": 2'],
    ['is not what Cinder writes: version: no support for version 3, expected 1 or 2', '{"version": 3}'],
    ['is not what Cinder writes: version: no support for version undefined, expected 1 or 2', '{}'],
    ['is not what Cinder writes: : Invalid input: expected object, received array', '[]'],
    [
      'is not what Cinder writes: volume-base-metadata.bootable: Invalid input: expected boolean, received string',
      cinderVolumeMeta({ base: { bootable: 'yes' } }),
    ],
    [
      'is not what Cinder writes: volume-metadata.0.1: Invalid input: expected string, received number',
      cinderVolumeMeta({ metadata: { a: 1 } }),
    ],
    [
      'is not what Cinder writes: volume-glance-metadata: expected an object',
      '{"version": 2, "volume-glance-metadata": "x"}',
    ],
    ['is too large (1048613 characters)', `{"version": 2, "volume-metadata": "${'x'.repeat(1024 * 1024)}"}`],
  ])('is refused before any volume is made, because it %s (S-61)', (fault, json) => {
    expect(() => parse(json)).toThrow(`Backup b is damaged: object p_metadata (volume_meta) ${fault}.`);
  });
});

describe('the image of a backup', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'rekindle-image-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const states = [Buffer.alloc(8192, 1), Buffer.alloc(8192, 2)];
  const metaOf = async (links: readonly BackupLink[]): Promise<VolumeMeta | null> =>
    (await openFrom(root, links)).volumeMeta;

  it("has the leaf's volume_meta, and of no older link (S-63, W-15)", async () => {
    const volumeMetas = [
      cinderVolumeMeta({ base: { display_name: 'old' }, metadata: { gone: '1' }, imageMetadata: { gone: '1' } }),
      cinderVolumeMeta({ base: { display_name: 'new' } }),
    ];
    const { links } = writeBackup({ root, states, volumeMetas });
    expect(await metaOf(links)).toMatchObject({ name: 'new', userMetadata: {}, imageMetadata: {} });
    expect(await metaOf(links.slice(1))).toMatchObject({ name: 'old', userMetadata: { gone: '1' } });
  });

  it('has none where the leaf has none', async () => {
    const { links } = writeBackup({ root, states, volumeMetas: [cinderVolumeMeta({ metadata: { gone: '1' } }), null] });
    expect(await metaOf(links)).toBeNull();
  });

  it('does not mind an older link whose volume_meta it would refuse', async () => {
    const { links } = writeBackup({ root, states, volumeMetas: ['{"version": 3}', cinderVolumeMeta()] });
    expect(await metaOf(links)).toMatchObject({ bootable: false });
    await expect(metaOf(links.slice(1))).rejects.toThrow(`Backup ${links[1]!.id} is damaged: `);
  });

  it('is refused when volume_meta is no text', async () => {
    const { links, pathOf } = writeBackup({ root, states });
    editMetadata(pathOf(links[0]!, '_metadata'), (metadata) => Object.assign(metadata, { volume_meta: {} }));
    await expect(metaOf(links)).rejects.toThrow(/_metadata is not what Cinder writes: volume_meta: .*expected string/);
  });

  describe.each(SMALL_FIXTURES)('%s, written by Cinder', (name) => {
    const chain = fixture(name);

    it.each(LABELS)('tells the name of the volume of %s, and that it was a plain one (S-61)', async (label) => {
      const { volumeMeta } = await openFrom(chain.repoRoot, chain.links(label));
      expect(volumeMeta).toEqual({
        name,
        description: null,
        bootable: false,
        encryptionKeyId: null,
        volumeTypeId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        userMetadata: {},
        imageMetadata: {},
      });
    });
  });
});
