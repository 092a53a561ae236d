import { mergeMetadata, mergeRestored, requireUnencrypted } from '../../src/domain/volume-metadata';
import type { GivenMetadata, MergedMetadata, VolumeMeta } from '../../src/domain/volume-metadata';

const NOTHING_GIVEN: GivenMetadata = { name: null, description: null, metadata: {} };

const SAYS_NOTHING: VolumeMeta = {
  name: null,
  description: null,
  bootable: null,
  encryptionKeyId: null,
  volumeTypeId: null,
  userMetadata: {},
  imageMetadata: {},
};

const SOURCE: VolumeMeta = {
  name: 'root disk',
  description: 'of the shop',
  bootable: true,
  encryptionKeyId: null,
  volumeTypeId: 'type of another cloud',
  userMetadata: { owner: 'them', tier: 'gold' },
  imageMetadata: { min_disk: '1', os_distro: 'debian' },
};

interface Case {
  readonly title: string;
  readonly given?: Partial<GivenMetadata>;
  /** null: the backup has no volume_meta. */
  readonly says: Partial<VolumeMeta> | null;
  readonly merged: Partial<MergedMetadata>;
}

const CASES: readonly Case[] = [
  {
    title: 'takes all of the backup when the user gave nothing (S-62)',
    says: SOURCE,
    merged: {
      name: 'root disk',
      description: 'of the shop',
      bootable: true,
      metadata: { owner: 'them', tier: 'gold', src_backup_id: 'b' },
      imageMetadata: { min_disk: '1', os_distro: 'debian' },
    },
  },
  {
    title: 'keeps all that the user gave (W-15)',
    given: { name: 'mine', description: 'my own', metadata: { owner: 'me', tier: 'tin' } },
    says: SOURCE,
    merged: { name: 'mine', description: 'my own', metadata: { owner: 'me', tier: 'tin', src_backup_id: 'b' } },
  },
  {
    title: "keeps the user's keys and adds the others of the backup (W-15)",
    given: { metadata: { owner: 'me', new: '1' } },
    says: SOURCE,
    merged: { metadata: { owner: 'me', new: '1', tier: 'gold', src_backup_id: 'b' } },
  },
  {
    title: 'keeps a description that the user gave without a name (S-62, W-15)',
    given: { description: 'my own' },
    says: SOURCE,
    merged: { name: 'root disk', description: 'my own' },
  },
  {
    title: 'keeps it also where the backup has none (S-62, W-15)',
    given: { description: 'my own' },
    says: { ...SOURCE, description: null },
    merged: { name: 'root disk', description: 'my own' },
  },
  {
    title: 'adds the description to a name of the user',
    given: { name: 'mine' },
    says: SOURCE,
    merged: { name: 'mine', description: 'of the shop' },
  },
  {
    title: 'takes an empty text for no answer, as a form sends it (S-62)',
    given: { name: '', description: '' },
    says: SOURCE,
    merged: { name: 'root disk', description: 'of the shop' },
  },
  {
    title: 'leaves it where the backup has no better one',
    given: { name: '', description: null },
    says: SAYS_NOTHING,
    merged: { name: '', description: null },
  },
  {
    title: 'names the backup, not the one that its volume was once made from (S-60)',
    says: { userMetadata: { src_backup_id: 'older' } },
    merged: { metadata: { src_backup_id: 'b' } },
  },
  {
    title: "makes no exception of the user's keys for src_backup_id (W-15)",
    given: { metadata: { src_backup_id: 'what I say' } },
    says: SOURCE,
    merged: { metadata: { owner: 'them', tier: 'gold', src_backup_id: 'what I say' } },
  },
  {
    title: 'keeps a bootable volume without image metadata bootable (S-62, W-15)',
    says: { bootable: true },
    merged: { bootable: true, imageMetadata: {} },
  },
  {
    title: 'does not boot from a data volume that somebody gave image properties',
    says: { bootable: false, imageMetadata: { hw_disk_bus: 'scsi' } },
    merged: { bootable: false, imageMetadata: { hw_disk_bus: 'scsi' } },
  },
  {
    title: 'goes by the image metadata where the backup does not say whether it boots (S-62)',
    says: { bootable: null, imageMetadata: { os_distro: 'debian' } },
    merged: { bootable: true },
  },
  {
    title: 'has src_backup_id and no more of a backup that says nothing (S-60)',
    given: { name: 'mine', description: 'my own', metadata: { owner: 'me' } },
    says: null,
    merged: {
      name: 'mine',
      description: 'my own',
      metadata: { owner: 'me', src_backup_id: 'b' },
      bootable: false,
      imageMetadata: {},
    },
  },
];

describe('a volume made from a backup', () => {
  it.each(CASES)('$title', ({ given, says, merged }) => {
    const volumeMeta = says && { ...SAYS_NOTHING, ...says };
    const result = mergeMetadata({ ...NOTHING_GIVEN, ...given }, { backupId: 'b', volumeMeta });
    expect(result).toEqual({ ...result, ...merged });
  });

  it('gets neither type nor key of its source (S-66)', () => {
    const merged = mergeMetadata(NOTHING_GIVEN, { backupId: 'b', volumeMeta: SOURCE });
    expect(Object.keys(merged).sort()).toEqual(['bootable', 'description', 'imageMetadata', 'metadata', 'name']);
  });
});

describe('the data of an encrypted volume', () => {
  it('is refused, with the reason and the way out (W-14)', () => {
    expect(() => requireUnencrypted('b', 'k')).toThrow(
      /^Invalid backup: Backup b is of an encrypted volume \(key k\).*Restore it with Cinder/,
    );
    expect(() => requireUnencrypted('b', null)).not.toThrow();
  });
});

describe('what a volume is called after a restore into it', () => {
  const VOLUME: MergedMetadata = {
    name: 'mine',
    description: null,
    metadata: { tier: 'silver', src_backup_id: 'an older one' },
    imageMetadata: { os_distro: 'fedora' },
    bootable: false,
  };

  it('keeps what its user says of it, and takes what describes the data (S-60, S-62, W-15)', () => {
    expect(mergeRestored(VOLUME, { backupId: 'b', volumeMeta: SOURCE })).toEqual({
      name: 'mine',
      description: 'of the shop',
      metadata: { owner: 'them', tier: 'silver', src_backup_id: 'b' },
      imageMetadata: SOURCE.imageMetadata,
      bootable: true,
    });
  });

  it('is what it was where the backup says nothing of its volume, but for src_backup_id', () => {
    expect(mergeRestored(VOLUME, { backupId: 'b', volumeMeta: null })).toEqual({
      ...VOLUME,
      metadata: { tier: 'silver', src_backup_id: 'b' },
    });
  });

  it('gives a volume that a restore has made the name of the one that was backed up (S-62)', () => {
    const given = { name: 'restore_backup_b', description: 'auto-created_from_restore_from_backup', metadata: {} };
    expect(mergeMetadata(given, { backupId: 'b', volumeMeta: SOURCE })).toMatchObject({
      name: 'root disk',
      description: 'of the shop',
    });
    expect(mergeMetadata(given, { backupId: 'b', volumeMeta: SAYS_NOTHING })).toMatchObject({
      name: given.name,
      description: given.description,
    });
  });
});
