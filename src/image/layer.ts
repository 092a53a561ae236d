import type { BackupLink } from '../domain/backup';
import type { ObjectStore } from '../domain/object-store';
import { codecOf } from './codec-name';
import { damaged, damagedObject } from './damage';
import { parseMetadata } from './metadata';
import type { DescribedObject } from './metadata';
import type { Layer, RecordedObject } from './plan';

/** Enough for more than a million objects, and still a string that JavaScript can hold. */
const MAX_METADATA_BYTES = 400 * 1024 * 1024;

export interface ReadLayerOptions {
  readonly link: BackupLink;
  readonly store: ObjectStore;
  readonly signal: AbortSignal | undefined;
}

/** A link as the repository holds it. */
export interface StoredLayer extends Layer {
  /** The volume that was backed up, as the metadata says. */
  readonly volumeId: string;
  /** Name of the object with the hashes of the whole volume; null where there is none. */
  readonly sha256Name: string | null;
}

/** Stored sizes by the objects' names. */
type Listing = ReadonlyMap<string, number>;

/**
 * Lists the objects of one link and reads its metadata, and requires that they agree (F-1, F-9).
 * @throws Refusal('BackupDamaged')
 */
export async function readLayer(options: ReadLayerOptions): Promise<StoredLayer> {
  const { link, store, signal } = options;
  const prefix = link.serviceMetadata;
  if (prefix === null || prefix === '') throw damaged(link.id, 'its record names no objects (service_metadata)');
  const stored = await store.listObjects(link, signal);
  const listing: Listing = new Map(stored.map(({ name, storedBytes }) => [name, storedBytes]));
  const metadataName = `${prefix}_metadata`;
  const sha256Name = `${prefix}_sha256file`;
  const { volumeId, objects } = parseMetadata(await readText(metadataName, listing, options), {
    backupId: link.id,
    objectName: metadataName,
  });
  requireNames(objects, { link, prefix });
  requireSameObjects(objects, { link, names: without(listing, [metadataName, sha256Name]) });
  return {
    link,
    volumeId,
    sha256Name: listing.has(sha256Name) ? sha256Name : null,
    objects: objects.map((object) => recordedObject(object, { link, listing })),
  };
}

/** F-1: the metadata is written last, so a backup without it never became complete. */
async function readText(name: string, listing: Listing, { link, store, signal }: ReadLayerOptions): Promise<string> {
  const storedBytes = listing.get(name);
  if (storedBytes === undefined) throw damaged(link.id, `it is incomplete, object ${name} is missing`);
  if (storedBytes > MAX_METADATA_BYTES) {
    throw damagedObject({ backupId: link.id, objectName: name }, `is too large to be metadata (${storedBytes} bytes)`);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of store.readObject(link, name, signal)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** F-1: `P-00001` and so on, each once. Anything else might lead out of the backup. */
function requireNames(
  objects: readonly DescribedObject[],
  { link, prefix }: { link: BackupLink; prefix: string },
): void {
  const seen = new Set<string>();
  for (const { name } of objects) {
    const isOurs = name.startsWith(prefix) && /^-\d{5,}$/.test(name.slice(prefix.length));
    if (!isOurs)
      throw damaged(link.id, `its metadata lists ${JSON.stringify(name.slice(0, 255))}, which isn't its object`);
    if (seen.has(name)) throw damaged(link.id, `its metadata lists object ${name} twice`);
    seen.add(name);
  }
}

/** F-9 (Cinder backup/chunkeddriver.py, _restore_v1): the objects there are must be those that the metadata lists. */
function requireSameObjects(
  objects: readonly DescribedObject[],
  { link, names }: { link: BackupLink; names: ReadonlySet<string> },
): void {
  const missing = objects.find(({ name }) => !names.has(name));
  if (missing) throw damaged(link.id, `object ${missing.name} is missing`);
  const listed = new Set(objects.map(({ name }) => name));
  const extra = [...names].find((name) => !listed.has(name));
  if (extra !== undefined) throw damaged(link.id, `object ${extra} is not listed in its metadata`);
}

function without(listing: Listing, excluded: readonly string[]): Set<string> {
  const names = new Set(listing.keys());
  for (const name of excluded) names.delete(name);
  return names;
}

function recordedObject(
  { name, offset, length, compression, md5 }: DescribedObject,
  { link, listing }: { link: BackupLink; listing: Listing },
): RecordedObject {
  const codec = codecOf(compression);
  if (!codec) {
    throw damagedObject(
      { backupId: link.id, objectName: name },
      `has the unknown compression ${JSON.stringify(compression)}`,
    );
  }
  const storedBytes = listing.get(name) ?? 0;
  return { link, name, codec, storedBytes, offsetBytes: offset, lengthBytes: length, md5: md5?.toLowerCase() ?? null };
}
