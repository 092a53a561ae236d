import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BackupLink } from '../../src/domain/backup';
import type { ObjectStore } from '../../src/domain/object-store';
import { openBackupImage } from '../../src/image/open';

const BLOCK_BYTES = 512;
const PREFIX = 'volume_v_20260101000000_backup_b';

export interface Planning {
  readonly objects: number;
  readonly sizeBytes: number;
  readonly names: readonly [string, string];
  /** Of processor time: this process was alone with its work, but not on the machine. */
  readonly cpuMs: number;
  /** The most that the process ever took, and how much of that was there before. */
  readonly peakBytes: number;
  readonly baseBytes: number;
}

/** Writes the metadata and the hashes of a full backup of so many objects of one block each; planning needs no more. */
export function writeMany(folder: string, count: number): void {
  writeFileSync(path.join(folder, 'metadata'), [...metadataOf(count)].join('\n'));
  writeFileSync(path.join(folder, 'sha256file'), [...hashesOf(count)].join('\n'));
}

/** Plans that backup, as it would be run in a process of its own. */
export async function planMany(folder: string, count: number): Promise<Planning> {
  const link = linkOf(count);
  const baseBytes = process.memoryUsage.rss();
  const before = process.cpuUsage();
  const image = await openBackupImage({ chain: [link], storeOf: () => storeOf(folder, count) });
  const { user, system } = process.cpuUsage(before);
  const { objects, sizeBytes } = image.plan;
  return {
    objects: objects.length,
    sizeBytes,
    names: [objects[0]?.name ?? '', objects.at(-1)?.name ?? ''],
    cpuMs: (user + system) / 1000,
    peakBytes: peakBytes(),
    baseBytes,
  };
}

/** Not the `maxRSS` of getrusage(2): that of a child process begins with what its parent took. */
function peakBytes(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) * 1024;
}

function linkOf(objectCount: number): BackupLink {
  return {
    id: 'b',
    parentId: null,
    volumeId: 'v',
    sizeGib: 1,
    service: 'cinder.backup.drivers.posix.PosixBackupDriver',
    container: 'c',
    serviceMetadata: PREFIX,
    objectCount,
  };
}

function nameOf(index: number): string {
  return `${PREFIX}-${String(index + 1).padStart(5, '0')}`;
}

function storeOf(folder: string, count: number): ObjectStore {
  return {
    listObjects: async () => [
      ...Array.from({ length: count }, (_, index) => ({ name: nameOf(index), storedBytes: BLOCK_BYTES })),
      ...['_metadata', '_sha256file'].map((suffix) => ({ name: PREFIX + suffix, storedBytes: 1000 })),
    ],
    readObject: (_, name) =>
      createReadStream(path.join(folder, name.slice(PREFIX.length + 1)), { highWaterMark: 1024 ** 2 }),
  };
}

function* metadataOf(count: number): Generator<string> {
  yield '{ "backup_id": "b", "created_at": "2026-01-01 00:00:00+00:00", "objects": [';
  for (let index = 0; index < count; index += 1) {
    const md5 = createHash('md5').update(nameOf(index)).digest('hex');
    const extent = { compression: 'none', length: BLOCK_BYTES, md5, offset: index * BLOCK_BYTES };
    yield `${JSON.stringify({ [nameOf(index)]: extent }, null, 2)}${index === count - 1 ? '' : ','}`;
  }
  yield '], "parent_id": null, "version": "1.0.0", "volume_id": "v", "volume_meta": null }';
}

function* hashesOf(count: number): Generator<string> {
  yield `{ "backup_id": "b", "chunk_size": ${BLOCK_BYTES}, "sha256s": [`;
  for (let index = 0; index < count; index += 1) {
    yield `"${createHash('sha256').update(nameOf(index)).digest('hex')}"${index === count - 1 ? '' : ','}`;
  }
  yield '], "version": "1.0.0" }';
}
