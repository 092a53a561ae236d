import type { WorkflowOptions } from '@temporalio/client';
import type { CreateVolumeRequest, DeleteBackupRequest, DeleteVolumeRequest } from '../domain/create-request';
import type { ExtendVolumeRequest } from '../domain/extension';
import type { RestoreVolumeRequest } from '../domain/restore';
import { BACKUP_ID, PROJECT_ID, SIZE_GIB, VOLUME_ID } from '../../workflows/search-attributes';

/** What an operator reads in Temporal's UI before he opens a workflow, and what he finds it by. */
export type WorkflowWords = Pick<WorkflowOptions, 'staticSummary' | 'staticDetails' | 'typedSearchAttributes'>;

export function wordsForCreate(request: CreateVolumeRequest): WorkflowWords {
  const { volumeId, projectId, userId, requestId, sizeGib, backupId } = request;
  const size = sizeGib === null ? 'size of the backup' : `${sizeGib} GiB`;
  const source = backupId === null ? 'empty' : `from backup ${short(backupId)}`;
  return {
    staticSummary: `Create volume ${displayName(request)} (${size}) ${source}`,
    staticDetails: table({ volume: volumeId, backup: backupId, request: requestId, project: projectId, user: userId }),
    typedSearchAttributes: [
      { key: VOLUME_ID, value: volumeId },
      { key: PROJECT_ID, value: projectId },
      ...(backupId === null ? [] : [{ key: BACKUP_ID, value: backupId }]),
      ...(sizeGib === null ? [] : [{ key: SIZE_GIB, value: sizeGib }]),
    ],
  };
}

export function wordsForExplanation(request: CreateVolumeRequest): WorkflowWords {
  const { projectId, userId, requestId, sizeGib, backupId } = request;
  const size = sizeGib === null ? '' : ` (${sizeGib} GiB)`;
  const source = backupId === null ? 'an empty volume' : `a volume from backup ${short(backupId)}`;
  return {
    staticSummary: `Explain what creating ${source}${size} would do`,
    staticDetails: table({ backup: backupId, request: requestId, project: projectId, user: userId }),
    typedSearchAttributes: [
      { key: PROJECT_ID, value: projectId },
      ...(backupId === null ? [] : [{ key: BACKUP_ID, value: backupId }]),
      ...(sizeGib === null ? [] : [{ key: SIZE_GIB, value: sizeGib }]),
    ],
  };
}

export function wordsForRestore({ volumeId, backupId, projectId, requestId }: RestoreVolumeRequest): WorkflowWords {
  return {
    staticSummary: `Restore backup ${short(backupId)} into volume ${short(volumeId)}`,
    staticDetails: table({ volume: volumeId, backup: backupId, request: requestId, project: projectId }),
    typedSearchAttributes: [
      { key: VOLUME_ID, value: volumeId },
      { key: PROJECT_ID, value: projectId },
      { key: BACKUP_ID, value: backupId },
    ],
  };
}

export function wordsForExtension({ volumeId, newSizeGib, projectId, requestId }: ExtendVolumeRequest): WorkflowWords {
  return {
    staticSummary: `Extend volume ${short(volumeId)} to ${newSizeGib} GiB`,
    staticDetails: table({ volume: volumeId, request: requestId, project: projectId }),
    typedSearchAttributes: [
      { key: VOLUME_ID, value: volumeId },
      { key: PROJECT_ID, value: projectId },
      { key: SIZE_GIB, value: newSizeGib },
    ],
  };
}

export function wordsForDelete({ volumeId, projectId, requestId }: DeleteVolumeRequest): WorkflowWords {
  return {
    staticSummary: `Delete volume ${short(volumeId)}`,
    staticDetails: table({ volume: volumeId, request: requestId, project: projectId }),
    typedSearchAttributes: [
      { key: VOLUME_ID, value: volumeId },
      { key: PROJECT_ID, value: projectId },
    ],
  };
}

export function wordsForBackupDelete({ backupId, projectId, requestId }: DeleteBackupRequest): WorkflowWords {
  return {
    staticSummary: `Delete backup ${short(backupId)} and its objects`,
    staticDetails: table({ backup: backupId, request: requestId, project: projectId }),
    typedSearchAttributes: [
      { key: BACKUP_ID, value: backupId },
      { key: PROJECT_ID, value: projectId },
    ],
  };
}

/** A summary holds 200 bytes, of which about 80 are ours. */
const MAX_NAME_BYTES = 100;

function displayName({ name, volumeId }: CreateVolumeRequest): string {
  if (!name) return short(volumeId);
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  // Four bytes are the most that a character takes.
  return `${Array.from(name)
    .slice(0, MAX_NAME_BYTES / 4)
    .join('')}…`;
}

function short(id: string): string {
  return id.slice(0, 8);
}

/** Markdown. What a caller wrote can't leave its cell. */
function table(rows: Readonly<Record<string, string | null>>): string {
  const lines = Object.entries(rows)
    .filter(([, value]) => value !== null)
    .map(([what, value]) => `| ${what} | ${(value ?? '').replace(/[\\|`*_<>[\]\r\n]/g, '\\$&')} |`);
  return ['| what | id |', '| --- | --- |', ...lines].join('\n');
}
