import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { changedExtents } from './changed-extents';
import type { CodecOfCinder, Encoders } from './encoders';
import { pythonJson } from './python-json';

/**
 * Writes chains as Cinder's chunked drivers do (F-1 to F-8). Imports nothing of the product, so that both would have to
 * misread the format in the same way.
 */
export interface LinkToWrite {
  readonly id: string;
  /** The volume at the time of the backup. */
  readonly state: Buffer;
  /** What a piece of the volume is read in, and so the most that an object holds. */
  readonly objectBytes: number;
  readonly codec: CodecOfCinder;
  readonly level: number;
  /** How the metadata names the codec, and what it says of objects that didn't become smaller (F-4). */
  readonly compression: { readonly compressed: string; readonly raw: string };
  readonly container: string;
  readonly service: string;
  /** Cinder counts from 1. */
  readonly firstNumber: number;
  readonly withSha256File: boolean;
  readonly md5: 'lower' | 'upper' | 'absent';
  readonly backupName: string | null;
  readonly volumeMeta: string | null;
}

export interface ChainToWrite {
  readonly root: string;
  readonly volumeId: string;
  /** The same for the whole chain: Cinder makes no increment with another (F-7). */
  readonly blockBytes: number;
  /** Oldest first. */
  readonly links: readonly LinkToWrite[];
}

/** The columns of Cinder's `backups` table that a reader needs. */
export interface Row {
  readonly id: string;
  readonly parentId: string | null;
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly service: string;
  readonly container: string;
  readonly serviceMetadata: string;
  readonly objectCount: number;
}

export interface WrittenObject {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly codec: CodecOfCinder;
  readonly md5: string | undefined;
  readonly file: string;
}

export interface WrittenLink {
  readonly row: Row;
  readonly state: Buffer;
  readonly withSha256File: boolean;
  readonly objects: readonly WrittenObject[];
  readonly metadataFile: string;
  readonly sha256File: string;
}

/** Answers the links, oldest first. */
export function writeChain(chain: ChainToWrite, encoders: Encoders): WrittenLink[] {
  return chain.links.map((link, index) => writeLink(chain, link, chain.links[index - 1], encoders));
}

function writeLink(chain: ChainToWrite, link: LinkToWrite, parent: LinkToWrite | undefined, encoders: Encoders) {
  const { root, volumeId, blockBytes } = chain;
  const prefix = `volume_${volumeId}_20260101000000_backup_${link.id}`;
  const folder = path.join(root, link.container);
  mkdirSync(folder, { recursive: true });
  const objects = changedExtents(parent?.state, link.state, { ...link, blockBytes }).map((extent, index) => {
    const name = `${prefix}-${String(link.firstNumber + index).padStart(5, '0')}`;
    return writeObject({ name, file: path.join(folder, name), ...extent }, link, encoders);
  });
  const row: Row = {
    id: link.id,
    parentId: parent?.id ?? null,
    volumeId,
    sizeGib: 1,
    service: link.service,
    container: link.container,
    serviceMetadata: prefix,
    objectCount: objects.length,
  };
  const [metadataFile, sha256File] = ['_metadata', '_sha256file'].map((suffix) => path.join(folder, prefix + suffix));
  if (link.withSha256File) writeFileSync(sha256File!, pythonJson(sha256Content(row, link, blockBytes)));
  writeFileSync(metadataFile!, pythonJson(metadataContent(row, link, objects)));
  const { state, withSha256File } = link;
  return { row, state, withSha256File, objects, metadataFile: metadataFile!, sha256File: sha256File! };
}

interface ObjectToWrite {
  readonly name: string;
  readonly file: string;
  readonly offset: number;
  readonly data: Buffer;
}

/** F-4: what doesn't become smaller is stored as it is. */
function writeObject({ name, file, offset, data }: ObjectToWrite, link: LinkToWrite, encoders: Encoders) {
  const compressed = encoders[link.codec](data, link.level);
  const isSmaller = compressed.length < data.length;
  writeFileSync(file, isSmaller ? compressed : data);
  const hex = digest('md5', data);
  const md5 = link.md5 === 'absent' ? undefined : link.md5 === 'upper' ? hex.toUpperCase() : hex;
  return { name, file, offset, length: data.length, codec: isSmaller ? link.codec : ('none' as const), md5 };
}

function common({ id, volumeId }: Row, { backupName }: LinkToWrite) {
  return {
    version: '1.0.0',
    backup_id: id,
    volume_id: volumeId,
    backup_name: backupName,
    backup_description: null,
    created_at: '2026-01-01 00:00:00+00:00',
  };
}

function metadataContent(row: Row, link: LinkToWrite, objects: readonly WrittenObject[]) {
  const entries = objects.map(({ name, offset, length, codec, md5 }) => {
    const compression = codec === 'none' ? link.compression.raw : link.compression.compressed;
    return { [name]: { compression, length, md5, offset } };
  });
  return { ...common(row, link), objects: entries, parent_id: row.parentId, volume_meta: link.volumeMeta };
}

/** F-5: every block of the volume, whatever of it this backup holds. */
function sha256Content(row: Row, link: LinkToWrite, blockBytes: number) {
  const sha256s: string[] = [];
  for (let at = 0; at < link.state.length; at += blockBytes) {
    sha256s.push(digest('sha256', link.state.subarray(at, at + blockBytes)));
  }
  return { ...common(row, link), chunk_size: blockBytes, sha256s };
}

function digest(algorithm: 'md5' | 'sha256', data: Buffer): string {
  return createHash(algorithm).update(data).digest('hex');
}
