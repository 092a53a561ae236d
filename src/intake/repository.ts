import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { readRecord } from '../api/backup-record';
import type { DecodedRecord } from '../api/backup-record';
import { GIB } from '../domain/volume';
import { describeBackup } from '../image/metadata';
import type { BackupDescription } from '../image/metadata';
import { reasonOf } from './source';
import type { Found, FoundRecord, RecordSource } from './source';
import { openWalked, walk } from './walk';

const METADATA = '_metadata';
const PIECE_BYTES = 1024 ** 2;

export interface RepositoryToRead {
  /** The repository: what `backup_posix_path` named. */
  readonly root: string;
  /** The driver class that wrote it. */
  readonly service: string;
}

/**
 * Rebuilds the records of a posix repository from its metadata objects, for a site that has lost Cinder's database: presence of a
 * `P_metadata` is what makes a backup (F-1, F-2, F-11). What only the database knew is lost: the metadata of the backups
 * themselves, and the sizes of volumes where a backup says nothing of its volume.
 */
export function repositoryRecords({ root, service }: RepositoryToRead): RecordSource {
  const read = async (file: string): Promise<FoundRecord> => {
    const { backup, owner } = await rebuild(root, file);
    return { ...backup, owner, service };
  };
  return {
    records: () => metadataBelow(root, read),
    read: ({ file }) => read(file),
  };
}

async function* metadataBelow(root: string, read: (file: string) => Promise<FoundRecord>): AsyncGenerator<Found> {
  for await (const walked of walk(root)) {
    if (walked.kind === 'unreadable') yield walked;
    else if (walked.path.endsWith(METADATA)) yield await found(walked.path, read);
  }
}

async function found(file: string, read: (file: string) => Promise<FoundRecord>): Promise<Found> {
  try {
    return { kind: 'record', place: { file, index: 0 }, record: await read(file) };
  } catch (error) {
    return { kind: 'unreadable', unreadable: { place: file, why: reasonOf(error) } };
  }
}

async function rebuild(root: string, file: string): Promise<DecodedRecord> {
  const container = dirname(file);
  if (container === '.') throw new Error('lies in no container');
  const prefix = basename(file).slice(0, -METADATA.length);
  const measured = { objectCount: 0, endBytes: 0 };
  const described = await describeBackup(piecesOf(root, file), {
    where: { backupId: prefix, objectName: basename(file) },
    onObject: ({ name, offset, length }) => {
      if (!name.startsWith(`${prefix}-`)) throw new Error('lists objects of another name than its own');
      measured.objectCount += 1;
      measured.endBytes = Math.max(measured.endBytes, offset + length);
    },
  });
  const row = rowOf(described, measured);
  // Checked like any other record: what is in a repository was written by others, too.
  return readRecord(JSON.stringify({ ...row, container, service_metadata: prefix }));
}

const volumeMetaSchema = z.object({
  'volume-base-metadata': z
    .object({
      size: z.int().positive(),
      project_id: z.string().nullish(),
      user_id: z.string().nullish(),
      encryption_key_id: z.string().nullish(),
    })
    .partial(),
});

interface Measured {
  readonly objectCount: number;
  /** Where its last object ends. */
  readonly endBytes: number;
}

/** The keys of a record (H-77), as far as the repository knows them. */
function rowOf(described: BackupDescription, { objectCount, endBytes }: Measured): object {
  const volume = volumeOf(described.volumeMeta);
  return {
    id: described.backupId,
    parent_id: described.parentId,
    display_name: described.name,
    display_description: described.description,
    volume_id: described.volumeId,
    created_at: described.createdAt,
    data_timestamp: described.createdAt,
    object_count: objectCount,
    size: volume.size ?? Math.max(1, Math.ceil(endBytes / GIB)),
    project_id: volume.project_id ?? null,
    user_id: volume.user_id ?? null,
    // The original volume's key, where the record would have had the backup's own: that there is one is what counts here.
    encryption_key_id: volume.encryption_key_id ?? null,
  };
}

function volumeOf(volumeMeta: string | null): z.infer<typeof volumeMetaSchema>['volume-base-metadata'] {
  if (!volumeMeta) return {};
  return volumeMetaSchema.parse(JSON.parse(volumeMeta))['volume-base-metadata'];
}

async function* piecesOf(root: string, file: string): AsyncGenerator<Uint8Array> {
  const handle = await openWalked(root, file);
  try {
    if (!(await handle.stat()).isFile()) throw new Error('is not a file');
    for (let at = 0; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
