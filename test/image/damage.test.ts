import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { BackupLink } from '../../src/domain/backup';
import { Refusal } from '../../src/domain/errors';
import type { BackupImage } from '../../src/image/backup-image';
import { sha256 } from '../../src/image/block-hashes';
import { damageableCopy, fixture } from '../support/fixtures';
import type { DamageableCopy, FixtureName } from '../support/fixtures';
import { editMetadata } from '../support/write-backup';
import { openFrom, readWhole } from './assemble';

interface Damage {
  readonly copy: DamageableCopy;
  /** inc1 and its parent. */
  readonly leaf: BackupLink;
  readonly full: BackupLink;
}

/** What happened to the backup, how, and what the refusal says behind "Backup <id> is damaged: ". */
type Case = readonly [title: string, damage: (at: Damage) => unknown, says: (at: Damage) => string];

const NONE = 'none-c4m-s32k-odd';
const ZLIB = 'zlib-c4m-s32k-odd';

const metadataOf = ({ copy }: Damage, link: BackupLink): string => copy.pathOf(link, '_metadata');
const nameOf = (link: BackupLink, suffix: string): string => `${link.serviceMetadata!}${suffix}`;

/** Turns one bit of a file over. */
function flipBit(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 0x10;
  writeFileSync(file, bytes);
}

/** Edits what the metadata of a link says of its n-th object. */
function editObject(file: string, index: number, change: Record<string, unknown>): void {
  editMetadata(file, ({ objects }) => Object.assign(Object.values(objects[index]!)[0]!, change));
}

function renameObject(file: string, index: number, name: string): void {
  editMetadata(file, ({ objects }) => {
    objects[index] = { [name]: Object.values(objects[index]!)[0]! };
  });
}

/** Damages a copy of inc1 of a fixture; answers the refusal of opening it, or of reading all of it. */
async function refusalOf(name: FixtureName, [, damage, says]: Case): Promise<{ refusal: unknown; expected: string }> {
  const original = fixture(name);
  const copy = damageableCopy(original);
  try {
    const [leaf, full] = original.links('inc1') as [BackupLink, BackupLink];
    const at = { copy, leaf, full };
    damage(at);
    const refusal: unknown = await openFrom(copy.repoRoot, [leaf, full])
      .then(readAll)
      .catch((error: unknown) => error);
    return { refusal, expected: says(at) };
  } finally {
    copy.dispose();
  }
}

async function readAll(image: BackupImage): Promise<void> {
  for (const object of image.plan.objects) await readWhole(image, object);
}

const FOUND_BY_OPENING: readonly Case[] = [
  [
    'the metadata is missing, as in a backup that never became complete (F-1)',
    (at) => rmSync(metadataOf(at, at.leaf)),
    ({ leaf }) => `${leaf.id} is damaged: it is incomplete, object ${nameOf(leaf, '_metadata')} is missing.`,
  ],
  [
    "a parent's metadata is missing (W-26)",
    (at) => rmSync(metadataOf(at, at.full)),
    ({ full }) => `${full.id} is damaged: it is incomplete, object ${nameOf(full, '_metadata')} is missing.`,
  ],
  [
    'the metadata is not JSON',
    (at) => truncateSync(metadataOf(at, at.leaf), 500),
    ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '_metadata')} is not JSON.`,
  ],
  [
    'the metadata has another version (F-2)',
    (at) => editMetadata(metadataOf(at, at.leaf), (metadata) => (metadata.version = '1.1.0')),
    ({ leaf }) =>
      `${leaf.id} is damaged: object ${nameOf(leaf, '_metadata')} is not what Cinder writes: ` +
      'version: no support for version 1.1.0, expected 1.0.0.',
  ],
  [
    "a parent's metadata has another version, which Cinder doesn't check (F-9)",
    (at) => editMetadata(metadataOf(at, at.full), (metadata) => (metadata.version = '2')),
    () => 'no support for version 2, expected 1.0.0',
  ],
  [
    'a parent belongs to another volume',
    (at) => editMetadata(metadataOf(at, at.full), (metadata) => (metadata.volume_id = 'another')),
    ({ full, leaf }) => `${full.id} is damaged: its metadata is of volume another, expected ${leaf.volumeId}.`,
  ],
  [
    'an object is missing (F-9)',
    ({ copy, leaf }) => rmSync(copy.pathOf(leaf, '-00002')),
    ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '-00002')} is missing.`,
  ],
  [
    'an object is there that the metadata does not list (F-9)',
    ({ copy, leaf }) => writeFileSync(copy.pathOf(leaf, '-00004'), ''),
    ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '-00004')} is not listed in its metadata.`,
  ],
  [
    'an object is listed twice',
    (at) => editMetadata(metadataOf(at, at.leaf), ({ objects }) => objects.push(objects[0]!)),
    ({ leaf }) => `${leaf.id} is damaged: its metadata lists object ${nameOf(leaf, '-00001')} twice.`,
  ],
  [
    'two objects share an entry',
    (at) =>
      editMetadata(metadataOf(at, at.leaf), ({ objects }) => {
        objects[0] = { ...objects[0], ...objects[1] };
      }),
    () => 'has an entry of 2 objects instead of one',
  ],
  [
    'an object has an unknown compression (F-4)',
    (at) => editObject(metadataOf(at, at.leaf), 0, { compression: 'lz4' }),
    ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '-00001')} has the unknown compression "lz4".`,
  ],
  [
    'an object begins before the volume',
    (at) => editObject(metadataOf(at, at.leaf), 0, { offset: -4096 }),
    () => 'offset: Too small',
  ],
  [
    'an object is of no length',
    (at) => editObject(metadataOf(at, at.leaf), 0, { length: 0 }),
    () => 'length: Too small',
  ],
  [
    'an object begins between two bytes',
    (at) => editObject(metadataOf(at, at.leaf), 0, { offset: 0.5 }),
    () => 'offset: Invalid input: expected int',
  ],
  [
    'an offset is a text',
    (at) => editObject(metadataOf(at, at.leaf), 0, { offset: '0' }),
    () => 'offset: Invalid input: expected number, received string',
  ],
  [
    'an offset is larger than numbers are exact',
    (at) => editObject(metadataOf(at, at.leaf), 0, { offset: 2 ** 60 }),
    () => 'offset: Too big',
  ],
  [
    'an object ends outside the volume',
    (at) => editObject(metadataOf(at, at.leaf), 2, { offset: 25_178_169 - 4096 }),
    () => 'outside the volume of 25178169 bytes',
  ],
  [
    'two objects of a backup overlap',
    (at) => editObject(metadataOf(at, at.full), 0, { length: 4_198_400 }),
    ({ full }) => `object ${nameOf(full, '-00002')} begins at 4194304, before its predecessor's end at 4198400`,
  ],
  [
    'the full backup has a hole',
    (at) => editObject(metadataOf(at, at.full), 0, { length: 4_190_208 }),
    () => 'nothing covers bytes 4190208 to 4194304 of the volume',
  ],
  [
    'the end of the full backup is missing, and its metadata says nothing of it',
    (at) => {
      editMetadata(metadataOf(at, at.full), ({ objects }) => objects.splice(5));
      rmSync(at.copy.pathOf(at.full, '-00006'));
      rmSync(at.copy.pathOf(at.full, '-00007'));
      editMetadata(metadataOf(at, at.leaf), ({ objects }) => objects.splice(1));
      rmSync(at.copy.pathOf(at.leaf, '-00002'));
      rmSync(at.copy.pathOf(at.leaf, '-00003'));
    },
    ({ leaf }) =>
      `object ${nameOf(leaf, '_sha256file')} holds 769 hashes, expected 640 ` +
      '(for a volume of 20971520 bytes in blocks of 32768)',
  ],
  [
    'the sha256 file is cut off',
    ({ copy, leaf }) => truncateSync(copy.pathOf(leaf, '_sha256file'), 10_000),
    ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '_sha256file')} is not JSON.`,
  ],
  ...['../../../../etc/passwd', '/etc/passwd', 'x\0y', 'passwd\nBackup ok', '-00001'].map((name): Case => [
    `an object is called ${JSON.stringify(name)}`,
    (at) => renameObject(metadataOf(at, at.leaf), 0, name),
    ({ leaf }) => `${leaf.id} is damaged: its metadata lists ${JSON.stringify(name)}, which isn't its object.`,
  ]),
  [
    'an object climbs out behind the right prefix',
    (at) => renameObject(metadataOf(at, at.leaf), 0, nameOf(at.leaf, '/../../x-00001')),
    () => "which isn't its object",
  ],
  [
    'the metadata lists itself',
    (at) => renameObject(metadataOf(at, at.leaf), 0, nameOf(at.leaf, '_metadata')),
    () => "which isn't its object",
  ],
];

describe('a damaged backup', () => {
  it.each(FOUND_BY_OPENING)('is refused before anything is read if %s', async (...damage) => {
    const { refusal, expected } = await refusalOf(ZLIB, damage);

    expect(refusal).toMatchObject({ code: 'BackupDamaged', message: expect.stringContaining(expected) });
  });

  it.each<Case>([
    [
      'an uncompressed object is cut off (W-7)',
      ({ copy, leaf }) => truncateSync(copy.pathOf(leaf, '-00002'), 4096),
      ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '-00002')} holds 4096 bytes, expected `,
    ],
    [
      'an uncompressed object is too long',
      ({ copy, leaf }) => writeFileSync(copy.pathOf(leaf, '-00002'), 'x', { flag: 'a' }),
      ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '-00002')} holds `,
    ],
    [
      'a bit has flipped where only the MD5 tells (W-7)',
      ({ copy, leaf }) => {
        rmSync(copy.pathOf(leaf, '_sha256file'));
        flipBit(copy.pathOf(leaf, '-00002'), 100);
      },
      ({ leaf }) => `${leaf.id} is damaged: object ${nameOf(leaf, '-00002')} at offset 9437184: its MD5 is `,
    ],
    [
      'two objects of one length are swapped where only the MD5 tells (W-7)',
      ({ copy, leaf, full }) => {
        rmSync(copy.pathOf(leaf, '_sha256file'));
        const [first, second] = ['-00001', '-00002'].map((suffix) => readFileSync(copy.pathOf(full, suffix)));
        writeFileSync(copy.pathOf(full, '-00001'), second!);
        writeFileSync(copy.pathOf(full, '-00002'), first!);
      },
      ({ full }) => `${full.id} is damaged: object ${nameOf(full, '-00001')} at offset 0: its MD5 is `,
    ],
    [
      'it has neither hashes nor an MD5',
      (at) => {
        rmSync(at.copy.pathOf(at.leaf, '_sha256file'));
        editObject(metadataOf(at, at.full), 2, { md5: null });
      },
      ({ full }) =>
        `${full.id} is damaged: object ${nameOf(full, '-00003')} has neither a SHA-256 nor an MD5 to check it by.`,
    ],
  ])('is refused if %s', async (...damage) => {
    const { refusal, expected } = await refusalOf(NONE, damage);

    expect(refusal).toMatchObject({ code: 'BackupDamaged', message: expect.stringContaining(expected) });
  });

  it.each([
    [ZLIB, 'zlib'],
    ['bz2-c4m-s32k-sec', 'bz2'],
    ['zstd-c4m-s32k-sec', 'zstd'],
  ] as const)('is refused with the codec named if an object of %s is no such data', async (name, codec) => {
    const { refusal, expected } = await refusalOf(name, [
      '',
      ({ copy, full }) => writeFileSync(copy.pathOf(full, '-00001'), 'This is not what it seems to be.'),
      ({ full }) => `Backup ${full.id} is damaged: object ${nameOf(full, '-00001')} is not ${codec} data: `,
    ]);

    expect(refusal).toMatchObject({ code: 'BackupDamaged', message: expect.stringContaining(expected) });
  });

  describe.each([ZLIB, 'bz2-c4m-s32k-sec', 'zstd-c4m-s32k-sec'] as const)('of %s', (name) => {
    it.each<Case>([
      [
        'is cut off (W-7)',
        ({ copy, full }) => truncateSync(copy.pathOf(full, '-00001'), 20_000),
        ({ full }) => `Backup ${full.id} is damaged: object ${nameOf(full, '-00001')} is not `,
      ],
      [
        'goes on behind its end',
        ({ copy, full }) => writeFileSync(copy.pathOf(full, '-00001'), 'x', { flag: 'a' }),
        ({ full }) => `Backup ${full.id} is damaged: object ${nameOf(full, '-00001')} is not `,
      ],
      [
        'holds more than the metadata says',
        (at) => {
          editObject(metadataOf(at, at.full), 0, { length: 3_145_728 });
          editObject(metadataOf(at, at.full), 1, { offset: 3_145_728, length: 5_242_880 });
        },
        ({ full }) => `object ${nameOf(full, '-00001')} holds more than 3145728 bytes`,
      ],
      [
        'holds less than the metadata says',
        (at) => {
          editObject(metadataOf(at, at.full), 1, { length: 8_388_608 });
          editMetadata(metadataOf(at, at.full), ({ objects }) => objects.splice(2, 1));
          rmSync(at.copy.pathOf(at.full, '-00003'));
        },
        ({ full }) => `object ${nameOf(full, '-00002')} holds 4194304 bytes, expected 8388608`,
      ],
    ])('is refused if an object %s', async (...damage) => {
      const { refusal, expected } = await refusalOf(name, damage);

      expect(refusal).toMatchObject({ code: 'BackupDamaged', message: expect.stringContaining(expected) });
    });
  });

  it('is restored all the same if the object that is damaged holds nothing that the image needs', async () => {
    const { refusal } = await refusalOf(NONE, [
      '',
      // inc1-00001 is the 2 MiB that were zeroed.
      ({ copy, leaf }) => truncateSync(copy.pathOf(leaf, '-00001'), 10),
      () => '',
    ]);

    expect(refusal).toBeUndefined();
  });

  it('leaves it to whoever copies to find a flipped bit by the hashes of the final image', async () => {
    const original = fixture(NONE);
    const copy = damageableCopy(original);
    const chain = original.links('full');
    flipBit(copy.pathOf(chain[0]!, '-00001'), 40_000);
    const image = await openFrom(copy.repoRoot, chain);

    const bytes = await readWhole(image, image.plan.objects[0]!);

    const digestOf = (index: number): Buffer => sha256(bytes.subarray(index * 32_768, (index + 1) * 32_768));
    expect(image.hashes!.matches(0, digestOf(0))).toBe(true);
    expect(image.hashes!.matches(1, digestOf(1))).toBe(false);
    copy.dispose();
  });

  it('is not what an error of the repository means: that may be repeated', async () => {
    const original = fixture(ZLIB);
    const error: unknown = await openFrom(`${original.repoRoot}-gone`, original.links('inc1')).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(Refusal);
  });
});
