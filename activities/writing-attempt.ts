import { Context, log } from '@temporalio/activity';
import type { BandwidthLimit } from '../src/copy/copy';
import type { Checkpoint } from '../src/domain/checkpoint';
import { Refusal } from '../src/domain/errors';
import type { Progress } from '../src/domain/progress';
import type { DataHouse } from './house';

/** The SDK sends far fewer: no more than `heartbeatThrottleMs` lets it. */
const HEARTBEAT_EVERY_MS = 100;
const NOTE_EVERY_MS = 2_000;
/** The longest pause between two attempts of copySteps, in first ones (workflows/steps.ts). */
const LONGEST_BACKOFF = 5;

/** At least so many attempts of which nothing is left, however long they take. */
const ATTEMPTS_IN_VAIN = 3;

export interface Attempt {
  /** The right to write: grows with each attempt, and the catalog refuses an older one. */
  readonly epoch: number;
  /** See `CopyAttempt.begunEpoch`. */
  readonly begunEpoch: number;
  /** How far the last attempt came, or null. */
  readonly checkpoint: Checkpoint | null;
  /** What it may move; follows the catalog. */
  readonly bandwidth: BandwidthLimit;
  /** Aborted by cancellation, pause, a successor, or for want of progress. */
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

/**
 * Runs one attempt to write a volume: under an epoch of its own, with heartbeats that carry its progress, and a watch that
 * ends it when no byte has moved for `giveUpAfterMs` over all attempts together.
 * @throws Refusal('NoProgress' | 'Fenced'); the cancellation's own failure, never an AbortError (a pause would hang on it)
 */
export async function writingAttempt<Result>(
  house: DataHouse,
  volumeId: string,
  work: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const { cancellationSignal, info } = Context.current();
  const { giveUpAfterMs, heartbeatTimeoutMs, retryAfterMs } = house.settings;
  const maxGapMs = heartbeatTimeoutMs + LONGEST_BACKOFF * retryAfterMs;
  const begun = await house.catalog.beginWriting(volumeId, {
    maxGapMs,
    mostUnsavedMs: Math.ceil(giveUpAfterMs / ATTEMPTS_IN_VAIN),
    scheduledMs: info.currentAttemptScheduledTimestampMs,
  });
  const { epoch, begunEpoch, stalledMs, unsavedMs, checkpoint } = begun;
  const bandwidth = house.newBandwidth(begun.bytesPerSecond);
  const watch = watchProgress(stalledMs);
  const stop = new AbortController();
  const signal = AbortSignal.any([cancellationSignal, stop.signal]);
  const giveUp = (error: unknown): void => stop.abort(error);

  let lastError = lastErrorOf(info.heartbeatDetails);
  const beat = (): void => {
    const about = { attempt: info.attempt, epoch, ...(lastError && { lastError }) };
    Context.current().heartbeat({ ...watch.progress(), stalledMs: Math.round(watch.stalledMs()), ...about });
  };
  const hopeless = (): Refusal => noProgress(watch.progress(), giveUpAfterMs, lastError);
  const heart = setInterval(() => {
    beat();
    if (watch.stalledMs() >= giveUpAfterMs) giveUp(hopeless());
  }, HEARTBEAT_EVERY_MS);
  const notes = setInterval(() => {
    house.catalog.noteWriting(volumeId, epoch, Math.round(watch.stalledMs())).then(
      ({ bytesPerSecond }) => bandwidth.limit(bytesPerSecond),
      (error: unknown) => {
        if (error instanceof Refusal) giveUp(error);
        // Anything else: the copy goes on without its note. It can't complete without the catalog, which checks the epoch again.
        else log.warn('the attempt could not be noted', { volumeId, error });
      },
    );
  }, NOTE_EVERY_MS);
  try {
    if (stalledMs >= giveUpAfterMs) throw hopeless();
    if (unsavedMs >= giveUpAfterMs) throw inVain(giveUpAfterMs, lastError);
    const attempt = { epoch, begunEpoch, checkpoint, bandwidth, signal, report: watch.report };
    return await Promise.race([work(attempt), rejected(stop.signal)]);
  } catch (error) {
    if (cancellationSignal.aborted) throw cancellationSignal.reason;
    // With the last sign of life, so that the next attempt knows, and can say so when it gives up.
    lastError = error instanceof Error ? error.message : String(error);
    beat();
    throw error;
  } finally {
    clearInterval(heart);
    clearInterval(notes);
  }
}

interface Watch {
  readonly report: (progress: Progress) => void;
  progress(): Progress;
  stalledMs(): number;
}

function watchProgress(stalledBeforeMs: number): Watch {
  let latest: Progress = { phase: 'plan', doneBytes: 0, totalBytes: 0, bytesPerSecond: 0 };
  let movedAt = performance.now();
  let stalledEarlierMs = stalledBeforeMs;
  return {
    report: (progress) => {
      const moved = progress.phase === latest.phase ? progress.doneBytes - latest.doneBytes : progress.doneBytes;
      latest = progress;
      // Waiting for its turn, it isn't stalled.
      if (moved <= 0 && progress.phase !== 'wait') return;
      movedAt = performance.now();
      stalledEarlierMs = 0;
    },
    progress: () => latest,
    stalledMs: () => stalledEarlierMs + performance.now() - movedAt,
  };
}

/** What the attempt before said at its end. */
function lastErrorOf(details: unknown): string | null {
  const said = typeof details === 'object' && details !== null && 'lastError' in details ? details.lastError : null;
  return typeof said === 'string' ? said : null;
}

function noProgress(
  { phase, doneBytes, totalBytes }: Progress,
  giveUpAfterMs: number,
  lastError: string | null,
): Refusal {
  const what = `No byte has moved for ${inWords(giveUpAfterMs)} (phase ${phase}, ${doneBytes} of ${totalBytes} bytes).`;
  return new Refusal('NoProgress', `${what}${because(lastError)} ${NEXT_STEP}`);
}

function inVain(giveUpAfterMs: number, lastError: string | null): Refusal {
  const what = `Bytes were moved for ${inWords(giveUpAfterMs)}, again and again, and nothing of it could be kept.`;
  return new Refusal('NoProgress', `${what}${because(lastError)} ${NEXT_STEP}`);
}

const NEXT_STEP = 'Check that the backup repository and the pool answer, then retry it (action rekindle-retry).';

function because(lastError: string | null): string {
  return lastError === null ? '' : ` The last error: ${lastError.replace(/\.$/, '')}.`;
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** Rejects when the signal fires: a call that hangs in the kernel must not hold the attempt. */
async function rejected(signal: AbortSignal): Promise<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  throw signal.reason;
}
