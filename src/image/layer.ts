import type { BackupLink } from '../domain/backup';
import type { ObjectStore, StoredObject } from '../domain/object-store';
import { codecOf } from './codec-name';
import { damaged, damagedObject } from './damage';
import { readMetadata } from './metadata';
import type { DescribedObject } from './metadata';
import type { Layer, RecordedObject } from './plan';

export interface ReadLayerOptions {
  readonly link: BackupLink;
  readonly store: ObjectStore;
  readonly signal: AbortSignal | undefined;
}

/** A link as the repository holds it. */
export interface StoredLayer extends Layer {
  /** The volume that was backed up, as the metadata says. */
  readonly volumeId: string;
  readonly metadataName: string;
  /** As it stands in the metadata. Only the leaf's counts (S-63). */
  readonly volumeMeta: string | null;
  /** The object with the hashes of the whole volume; null where there is none. */
  readonly sha256File: StoredObject | null;
}

/** Stored sizes, by their names, of the objects that the metadata has yet to list. */
type Unlisted = Map<string, number>;

/**
 * Lists the objects of one link and reads its metadata, and requires that they agree (F-1, F-9).
 * @throws Refusal('BackupDamaged')
 */
export async function readLayer({ link, store, signal }: ReadLayerOptions): Promise<StoredLayer> {
  const prefix = link.serviceMetadata;
  if (prefix === null || prefix === '') throw damaged(link.id, 'its record names no objects (service_metadata)');
  const stored = await store.listObjects(link, signal);
  const unlisted: Unlisted = new Map(stored.map(({ name, storedBytes }) => [name, storedBytes]));
  const metadataName = `${prefix}_metadata`;
  const sha256Name = `${prefix}_sha256file`;
  // F-1: the metadata is written last, so a backup without it never became complete.
  if (!unlisted.delete(metadataName)) throw damaged(link.id, `it is incomplete, object ${metadataName} is missing`);
  const sha256Bytes = unlisted.get(sha256Name);
  unlisted.delete(sha256Name);
  const objects: RecordedObject[] = [];
  const metadata = await readMetadata(store.readObject(link, metadataName, { signal }), {
    where: { backupId: link.id, objectName: metadataName },
    onObject: (object) => {
      const storedBytes = takeFrom(unlisted, object, { link, objects });
      objects.push(recordedObject(object, { link, storedBytes }));
    },
  });
  const [extra] = unlisted.keys();
  if (extra !== undefined) throw damaged(link.id, `object ${extra} is not listed in its metadata`);
  const sha256File = sha256Bytes === undefined ? null : { name: sha256Name, storedBytes: sha256Bytes };
  return { link, ...metadata, metadataName, sha256File, objects };
}

interface Found {
  readonly link: BackupLink;
  /** What the metadata has listed so far. */
  readonly objects: readonly RecordedObject[];
}

/**
 * F-1: `P-00001` and so on, each once; anything else might lead out of the backup. F-9 (Cinder backup/chunkeddriver.py,
 * _restore_v1): the objects there are must be those that the metadata lists.
 */
function takeFrom(unlisted: Unlisted, { name }: DescribedObject, { link, objects }: Found): number {
  const prefix = link.serviceMetadata ?? '';
  if (!name.startsWith(prefix) || !/^-\d{5,}$/.test(name.slice(prefix.length))) {
    throw damaged(link.id, `its metadata lists ${JSON.stringify(name.slice(0, 255))}, which isn't its object`);
  }
  const storedBytes = unlisted.get(name);
  if (storedBytes !== undefined) {
    unlisted.delete(name);
    return storedBytes;
  }
  const isListed = objects.some((object) => object.name === name);
  throw damaged(link.id, isListed ? `its metadata lists object ${name} twice` : `object ${name} is missing`);
}

function recordedObject(
  { name, offset, length, compression, md5 }: DescribedObject,
  { link, storedBytes }: { link: BackupLink; storedBytes: number },
): RecordedObject {
  const codec = codecOf(compression);
  if (!codec) {
    throw damagedObject(
      { backupId: link.id, objectName: name },
      `has the unknown compression ${JSON.stringify(compression)}`,
    );
  }
  return { link, name, codec, storedBytes, offsetBytes: offset, lengthBytes: length, md5: md5?.toLowerCase() ?? null };
}
