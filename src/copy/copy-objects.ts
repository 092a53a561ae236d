import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import { outside } from '../domain/extents';
import type { PlannedObject } from '../image/backup-image';
import { Checkpointer } from './checkpointer';
import type { CopyImageOptions, ObjectReader } from './copy';
import { FinishedRanges } from './finished-ranges';
import { orAborted } from './or-aborted';
import { ProgressMeter } from './progress-meter';
import type { StartingPoint } from './starting-point';
import { TargetWriter } from './target-writer';

/**
 * Copies what the objects hold and is not finished yet, several objects side by side, with checkpoints. Answers how many bytes.
 * @param zeros what of the target reads zero as it must
 */
export async function copyObjects(
  options: CopyImageOptions,
  start: StartingPoint,
  zeros: readonly Extent[],
): Promise<number> {
  const { image, target, onProgress } = options;
  const { objects, dataBytes } = image.plan;
  const needed = objects.map((object) => without(object, start.finished)).filter(({ live }) => live.length > 0);
  const neededBytes = needed.reduce((sum, { live }) => sum + lengthOf(live), 0);
  const progress = new ProgressMeter(
    { phase: 'copy', totalBytes: dataBytes, doneBytes: dataBytes - neededBytes },
    onProgress,
  );
  const finished = new FinishedRanges(zeros);
  for (const extent of start.finished) finished.add(extent);
  const checkpointer = new Checkpointer({ target, finished, save: options.saveCheckpoint });
  const stop = new AbortController();
  const copy = new ObjectsCopy({
    options: { ...options, signal: AbortSignal.any([options.signal, stop.signal]) },
    compares: start.compares,
    progress,
    finished,
    checkpointer,
  });
  await copy.run(needed, (error) => stop.abort(error));
  return neededBytes;
}

interface Parts {
  readonly options: CopyImageOptions;
  readonly compares: boolean;
  readonly progress: ProgressMeter;
  readonly finished: FinishedRanges;
  readonly checkpointer: Checkpointer;
}

class ObjectsCopy {
  private readonly writer: TargetWriter;

  constructor(private readonly parts: Parts) {
    const { options, compares } = parts;
    const { target, signal } = options;
    this.writer = new TargetWriter({
      target,
      signal,
      compares,
      onWritten: (runs, bytes) => {
        parts.progress.add(bytes);
        // Without hashes, nothing is proven before the object has been read to its end.
        if (options.image.hashes) this.noteFinished(runs);
      },
    });
  }

  /** @param abort stops the other readers when one has failed */
  async run(objects: readonly PlannedObject[], abort: (error: unknown) => void): Promise<void> {
    const { readers, signal } = this.parts.options;
    const queue = [...objects].reverse();
    try {
      await allSettled(
        readers.map((reader) => this.readAll(reader, queue)),
        abort,
      );
      await this.writer.finish();
      signal.throwIfAborted();
    } finally {
      // The target is the caller's again, also after a failure: nothing may be written behind his back.
      await this.writer.settle();
      await this.parts.checkpointer.settle();
    }
    this.parts.checkpointer.throwFailure();
  }

  private async readAll(reader: ObjectReader, queue: PlannedObject[]): Promise<void> {
    for (let object = queue.pop(); object; object = queue.pop()) await this.readOne(reader, object);
  }

  private async readOne(reader: ObjectReader, object: PlannedObject): Promise<void> {
    const { options, checkpointer } = this.parts;
    const { signal, permit } = options;
    for await (const piece of reader.read(object, signal)) {
      try {
        await orAborted(checkpointer.accept(piece.data.length), signal);
        await orAborted(permit(piece.data.length), signal);
      } catch (error) {
        piece.release();
        throw error;
      }
      this.writer.write(piece);
    }
    if (options.image.hashes) return;
    await this.writer.finish();
    this.noteFinished(object.live);
  }

  private noteFinished(extents: readonly Extent[]): void {
    for (const extent of extents) this.parts.finished.add(extent);
    this.parts.checkpointer.noteFinished(lengthOf(extents));
  }
}

/** Waits for all of them, tells of the first failure at once, and throws it. */
async function allSettled(work: readonly Promise<void>[], onFailure: (error: unknown) => void): Promise<void> {
  let failure: { readonly error: unknown } | null = null;
  await Promise.all(
    work.map((one) =>
      one.catch((error: unknown) => {
        failure ??= { error };
        onFailure(error);
      }),
    ),
  );
  throwIfFailed(failure);
}

function throwIfFailed(failure: { readonly error: unknown } | null): void {
  if (failure) throw failure.error;
}

function without(object: PlannedObject, finished: readonly Extent[]): PlannedObject {
  if (finished.length === 0) return object;
  return { ...object, live: object.live.flatMap((extent) => outside(extent, finished)) };
}

function lengthOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, extent) => sum + endOf(extent) - extent.offsetBytes, 0);
}
