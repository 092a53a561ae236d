import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What operators filter by in Temporal's UI. Upserted once per phase, never per progress tick: each upsert is an event. */
export const VOLUME_ID = defineSearchAttributeKey('VolumeId', SearchAttributeType.KEYWORD);
export const BACKUP_ID = defineSearchAttributeKey('BackupId', SearchAttributeType.KEYWORD);
export const PROJECT_ID = defineSearchAttributeKey('ProjectId', SearchAttributeType.KEYWORD);
/** `host@backend#pool` */
export const BACKEND = defineSearchAttributeKey('Backend', SearchAttributeType.KEYWORD);
/** `accepting`, `scheduling`, `creating`, `copying`, `extending`, `completing`, `available`, `compensating`, `error`, `refused`, `explaining`, `explained` */
export const RESTORE_STATE = defineSearchAttributeKey('RestoreState', SearchAttributeType.KEYWORD);
/** `native` or `copy` */
export const RESTORE_MODE = defineSearchAttributeKey('RestoreMode', SearchAttributeType.KEYWORD);
export const SIZE_GIB = defineSearchAttributeKey('SizeGiB', SearchAttributeType.INT);
export const NEEDS_OPERATOR = defineSearchAttributeKey('NeedsOperator', SearchAttributeType.BOOL);

export const SEARCH_ATTRIBUTES = [
  VOLUME_ID,
  BACKUP_ID,
  PROJECT_ID,
  BACKEND,
  RESTORE_STATE,
  RESTORE_MODE,
  SIZE_GIB,
  NEEDS_OPERATOR,
] as const;
