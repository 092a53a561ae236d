import { Refusal } from '../../domain/errors';
import type { WriteOptions, WritingRun } from './driver';
import { lockVolume } from './volume-lock';
import type { Completion, VolumeLock } from './volume-lock';
import type { Place } from './volume-file';

/** The writers of this process by their lock folders. The lock on disk names the process, so it can't tell them apart. */
const writers = new Map<string, Writer>();

/** Where a volume's lock lies, and what this process is to those who want it next. */
export type LockPlace = Pick<Place, 'lockFolder' | 'mayBeKilled'>;

/** The right to write one volume. Held by one writer at a time, on this host and in this process. */
export class Writer {
  private readonly fence = new AbortController();
  private end: () => void = () => undefined;
  private readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });
  private lock: VolumeLock | null = null;

  constructor(
    private readonly place: LockPlace,
    readonly epoch: number,
    private readonly runId: string | null,
  ) {
    writers.set(place.lockFolder, this);
  }

  /** Aborts with `Refusal('Fenced')` when the right is taken away. Its holder then winds up at once and leaves. */
  get fenced(): AbortSignal {
    return this.fence.signal;
  }

  async enter(): Promise<void> {
    const { lockFolder, mayBeKilled } = this.place;
    this.lock = await lockVolume(lockFolder, { epoch: this.epoch, runId: this.runId, mayBeKilled });
    this.fenced.throwIfAborted();
  }

  /** Who left the volume whole before this writer, or null. */
  get completed(): Completion | null {
    return this.lock?.completed ?? null;
  }

  /** Path of the lock's record: a file beside the volume that isn't empty. */
  get lockRecord(): string {
    if (!this.lock) throw new Error('The writer has not entered.');
    return this.lock.record;
  }

  /** Gives the right back. Called once, when nothing of this writer is in flight any more. */
  async leave(volumeIs: 'unfinished' | 'whole' | 'gone' = 'unfinished'): Promise<void> {
    try {
      await (volumeIs === 'gone' ? this.lock?.discard() : this.lock?.release(volumeIs));
    } finally {
      writers.delete(this.place.lockFolder);
      this.end();
    }
  }

  /** Returns when it has left. */
  async dismiss(reason: Refusal): Promise<void> {
    this.fence.abort(reason);
    await this.ended;
  }
}

/**
 * Takes the right to write, also from an older writer of this process or one whose process is dead.
 * @throws Refusal('Fenced') if a newer epoch has been here; Refusal('AlreadyComplete'); Error while it is in other hands
 */
export async function becomeWriter(
  { lockFolder, mayBeKilled }: LockPlace,
  { epoch, signal, run }: WriteOptions,
): Promise<Writer> {
  for (let other = writers.get(lockFolder); other; other = writers.get(lockFolder)) {
    if (other.epoch > epoch) throw takenOver(epoch, other.epoch);
    if (other.epoch === epoch) throw new Error(`The volume is being written under the same epoch, ${epoch}.`);
    await other.dismiss(takenOver(other.epoch, epoch));
  }
  signal.throwIfAborted();
  const writer = new Writer({ lockFolder, mayBeKilled }, epoch, run?.id ?? null);
  try {
    await writer.enter();
    if (run) requireUnfinished(writer.completed, run);
    return writer;
  } catch (error) {
    await writer.leave();
    throw error;
  }
}

/** Takes the right to write from whoever has it in this process, for good: the volume goes. */
export async function dismissWriters(lockFolder: string): Promise<void> {
  for (let other = writers.get(lockFolder); other; other = writers.get(lockFolder)) {
    await other.dismiss(new Refusal('Fenced', 'The volume is being deleted.'));
  }
}

function takenOver(epoch: number, by: number): Refusal {
  return new Refusal('Fenced', `A newer attempt (epoch ${by}) has taken over from this one (${epoch}).`);
}

/** What this run has completed itself it may go on with: its answer was lost. */
function requireUnfinished(completed: Completion | null, { id, begunEpoch }: WritingRun): void {
  if (!completed || completed.runId === id || completed.epoch <= begunEpoch) return;
  throw new Refusal(
    'AlreadyComplete',
    `The volume's data was completed already (epoch ${completed.epoch}), by a run that the catalog does not know the end of: it is older than the ` +
      'data, which may have been used since, and was left as it is. To restore the backup over it, ask for it once more; to be rid of it, delete the volume.',
  );
}
