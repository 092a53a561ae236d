import type { UnsettledVolume } from '../src/catalog/catalog';
import { abandonedCreate, abandonedExtension, abandonedRestore } from '../src/domain/abandoned';
import type { RunEnd, Work } from '../src/domain/abandoned';
import type { CreateFailure } from '../src/domain/failure-reason';
import type { VolumeStatus } from '../src/domain/volume';
import type { ControlHouse } from './house';

/** What has no workflow any more, a volume or a backup, and how it is brought to its right end. */
export type Abandoned =
  | { readonly end: 'resume'; readonly work: Work; readonly id: string }
  | {
      readonly end: 'fail';
      readonly work: 'creation' | 'restore' | 'extension';
      readonly id: string;
      /** On whose behalf. */
      readonly runId: string;
      readonly failure: CreateFailure;
      /** How long what is on the pool is kept for a retry; null: it stays the volume's, whatever it is by now. */
      readonly keepMs: number | null;
    };

/** A run that isn't accepted by then is for the next time. */
const ACCEPTED_WITHIN_MS = 20_000;
/** So many a call, which has seconds. */
const A_PAGE = 100;
/** Questions to Temporal at a time. */
const SIDE_BY_SIDE = 8;

/** Where a look goes on: behind this id. */
export interface LookFrom {
  readonly at: 'volumes' | 'backups';
  readonly after: string;
}

export interface LookedAt {
  readonly abandoned: readonly Abandoned[];
  /** Where the next look begins; null: everything has been looked at. */
  readonly next: LookFrom | null;
}

/**
 * A page of volumes and backups in a status that only a workflow ends: those where none is at work, because it was terminated, or Temporal
 * has lost it. However many there are whose workflow goes on, none is hidden behind them. Reads only.
 */
export function findAbandoned(house: ControlHouse) {
  return async ({ at, after }: LookFrom): Promise<LookedAt> => {
    const page = { after, limit: A_PAGE };
    if (at === 'volumes') {
      const volumes = await house.catalog.listUnsettled(page);
      const last = volumes.length < A_PAGE ? null : volumes.at(-1);
      const next = last ? { at, after: last.volume.id } : ({ at: 'backups', after: '' } as const);
      return { abandoned: await judged(volumes.map((one) => () => judgeVolume(house, one))), next };
    }
    const backups = await house.catalog.listUnsettledBackups(page);
    const last = backups.length < A_PAGE ? null : backups.at(-1);
    const abandoned = await judged(
      backups.map(
        ({ id }) =>
          () =>
            judgeBackup(house, id),
      ),
    );
    return { abandoned, next: last ? { at, after: last.id } : null };
  };
}

async function judged(judges: (() => Promise<Abandoned | null>)[]): Promise<readonly Abandoned[]> {
  const found: Abandoned[] = [];
  const look = async (): Promise<void> => {
    for (let judge = judges.shift(); judge; judge = judges.shift()) {
      const abandoned = await judge();
      if (abandoned) found.push(abandoned);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, look));
  return found;
}

const WORK_IN: Partial<Record<VolumeStatus, 'creation' | 'restore' | 'extension'>> = {
  creating: 'creation',
  'restoring-backup': 'restore',
  extending: 'extension',
};

async function judgeVolume(house: ControlHouse, { volume, runId }: UnsettledVolume): Promise<Abandoned | null> {
  const { id, status, backupId } = volume;
  const work = WORK_IN[status] ?? 'deletion';
  const run = await house.runs.stateOf(work, id);
  if (run === 'running') return null;
  if (work === 'deletion') return { end: 'resume', work, id };
  if (work !== 'creation') {
    if (run === 'unknown') return { end: 'resume', work, id };
    const failure = work === 'restore' ? abandonedRestore(run) : abandonedExtension(run);
    return { end: 'fail', work, id, runId, failure, keepMs: 0 };
  }
  const fromBackup = backupId !== null;
  if (run === 'unknown' && fromBackup) return { end: 'resume', work, id };
  const keepMs = keepMsAfter(run, house, fromBackup);
  return { end: 'fail', work, id, runId, failure: abandonedCreate(run, fromBackup), keepMs };
}

/** One that has ended made the volume available, and its owner may have used it: a catalog from an older dump doesn't know. */
function keepMsAfter(run: RunEnd, { settings }: ControlHouse, fromBackup: boolean): number | null {
  if (run === 'completed') return null;
  return fromBackup ? settings.retryGraceMs : 0;
}

async function judgeBackup(house: ControlHouse, id: string): Promise<Abandoned | null> {
  const work = 'backup-deletion';
  return (await house.runs.stateOf(work, id)) === 'running' ? null : { end: 'resume', work, id };
}

/**
 * Begins a run that goes on with the work. Nothing to do where one runs meanwhile, or where the work is done; one that is refused
 * brings volume or backup to its end itself.
 */
export function resumeWork({ catalog, runs }: ControlHouse) {
  return async ({ work, id }: { work: Work; id: string }): Promise<void> => {
    if (work === 'backup-deletion') {
      const backup = await catalog.findBackup(id, 'all-projects');
      if (backup?.status === 'deleting') await runs.resumeBackupDeletion(backup);
      return;
    }
    const volume = await catalog.findVolume(id, 'all-projects');
    if (work === 'deletion' && volume?.status === 'deleting') await runs.resumeDeletion(volume);
    if (work === 'creation' && volume?.status === 'creating') await runs.resumeCreation(volume);
    const expiresAt = new Date((await catalog.now()).getTime() + ACCEPTED_WITHIN_MS).toISOString();
    if (work === 'restore' && volume?.status === 'restoring-backup') await runs.resumeRestore(volume, expiresAt);
    if (work === 'extension' && volume?.status === 'extending') await runs.resumeExtension(volume, expiresAt);
  };
}
