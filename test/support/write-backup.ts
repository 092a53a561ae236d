import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import type { BackupLink } from '../../src/domain/backup';

/**
 * Writes backup chains in Cinder's chunked format (F-1 to F-7) as its posix driver lays them out, for the cases that no
 * fixture has. Shares no code with the reader.
 */
export interface WriteBackupOptions {
  /** The repository: what `backup_posix_path` names. */
  readonly root: string;
  /** The volume at each backup, oldest first, all of one length. The first backup is full, the others incremental. */
  readonly states: readonly Buffer[];
  readonly codec?: 'none' | 'zlib';
  readonly objectBytes?: number;
  readonly blockBytes?: number;
  readonly withSha256File?: boolean;
  readonly withMd5?: boolean;
  /** `volume_meta` of each backup, oldest first (see `cinderVolumeMeta`); null where none is given. */
  readonly volumeMetas?: readonly (string | null)[];
}

export interface WrittenChain {
  readonly root: string;
  /** The chain that ends in the last state, leaf first. */
  readonly links: readonly BackupLink[];
  /** `suffix` is `-00001`, `_metadata` or `_sha256file`. */
  readonly pathOf: (link: BackupLink, suffix: string) => string;
}

export interface WrittenMetadata {
  version: string;
  volume_id: string;
  volume_meta: string | null;
  objects: Record<string, { offset: number; length: number; compression: string; md5?: string }>[];
}

interface Extent {
  readonly offset: number;
  readonly data: Buffer;
}

const POSIX_SERVICE = 'cinder.backup.drivers.posix.PosixBackupDriver';

export function writeBackup(options: WriteBackupOptions): WrittenChain {
  const settings = { codec: 'zlib', objectBytes: 65_536, blockBytes: 4096, ...options } as const;
  const volumeId = randomUUID();
  const links: BackupLink[] = [];
  options.states.forEach((state, index) => {
    const extents = changedExtents(options.states[index - 1], state, settings);
    const volumeMeta = options.volumeMetas?.[index] ?? null;
    links.unshift(writeLink({ ...settings, state, extents, volumeId, volumeMeta, parentId: links[0]?.id ?? null }));
  });
  return {
    root: options.root,
    links,
    pathOf: (link, suffix) => path.join(options.root, link.container!, `${link.serviceMetadata!}${suffix}`),
  };
}

/** Rewrites a JSON object of a repository, as an accident or an attacker would. */
export function editMetadata(file: string, change: (metadata: WrittenMetadata) => void): void {
  const metadata = JSON.parse(readFileSync(file, 'utf8')) as WrittenMetadata;
  change(metadata);
  writeFileSync(file, JSON.stringify(metadata));
}

/** F-7: runs of changed blocks, none of them across the border of a piece. Without an older state, all of it (F-6). */
function changedExtents(
  older: Buffer | undefined,
  state: Buffer,
  { objectBytes, blockBytes }: { objectBytes: number; blockBytes: number },
): Extent[] {
  const extents: Extent[] = [];
  for (let piece = 0; piece < state.length; piece += objectBytes) {
    const pieceEnd = Math.min(piece + objectBytes, state.length);
    let begin = piece;
    for (let at = piece; at < pieceEnd; at += blockBytes) {
      const end = Math.min(at + blockBytes, pieceEnd);
      if (!older?.subarray(at, end).equals(state.subarray(at, end))) continue;
      if (begin < at) extents.push({ offset: begin, data: state.subarray(begin, at) });
      begin = end;
    }
    if (begin < pieceEnd) extents.push({ offset: begin, data: state.subarray(begin, pieceEnd) });
  }
  return extents;
}

interface LinkToWrite extends Required<Pick<WriteBackupOptions, 'root' | 'codec' | 'blockBytes'>> {
  readonly withSha256File?: boolean;
  readonly withMd5?: boolean;
  readonly state: Buffer;
  readonly extents: readonly Extent[];
  readonly volumeId: string;
  readonly volumeMeta: string | null;
  readonly parentId: string | null;
}

function writeLink(link: LinkToWrite): BackupLink {
  const id = randomUUID();
  const container = `${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`;
  const prefix = `volume_${link.volumeId}_20260101000000_backup_${id}`;
  const dir = path.join(link.root, container);
  mkdirSync(dir, { recursive: true });
  const common = { version: '1.0.0', backup_id: id, backup_name: null, volume_id: link.volumeId };

  const objects = link.extents.map((extent, index) => {
    const name = `${prefix}-${String(index + 1).padStart(5, '0')}`;
    return { [name]: writeObject(path.join(dir, name), extent, link) };
  });
  if (link.withSha256File ?? true) {
    const sha256s = blocksOf(link.state, link.blockBytes).map((block) => digest('sha256', block));
    writeJson(path.join(dir, `${prefix}_sha256file`), { ...common, chunk_size: link.blockBytes, sha256s });
  }
  const metadata = { ...common, objects, parent_id: link.parentId, volume_meta: link.volumeMeta };
  writeJson(path.join(dir, `${prefix}_metadata`), metadata);
  return {
    id,
    parentId: link.parentId,
    volumeId: link.volumeId,
    sizeGib: 1,
    service: POSIX_SERVICE,
    container,
    serviceMetadata: prefix,
    objectCount: objects.length,
  };
}

/** F-4: what doesn't become smaller is stored as it is. */
function writeObject(file: string, { offset, data }: Extent, { codec, withMd5 }: LinkToWrite): object {
  const compressed = codec === 'zlib' ? deflateSync(data) : data;
  const isSmaller = compressed.length < data.length;
  writeFileSync(file, isSmaller ? compressed : data);
  const md5 = (withMd5 ?? true) ? { md5: digest('md5', data) } : {};
  return { offset, length: data.length, compression: isSmaller ? codec : 'none', ...md5 };
}

function blocksOf(data: Buffer, blockBytes: number): Buffer[] {
  const count = Math.ceil(data.length / blockBytes);
  return Array.from({ length: count }, (_, index) => data.subarray(index * blockBytes, (index + 1) * blockBytes));
}

function digest(algorithm: 'md5' | 'sha256', data: Buffer): string {
  return createHash(algorithm).update(data).digest('hex');
}

/** Python's json.dumps(…, sort_keys=True, indent=2). */
function writeJson(file: string, content: Record<string, unknown>): void {
  const sorted = Object.fromEntries(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, JSON.stringify(sorted, null, 2));
}
