import type { Extent } from '../domain/extent';
import { lengthOf, outside } from '../domain/extents';
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
  await new ObjectsCopy({ options, compares: start.compares, progress, finished, checkpointer }).run(needed);
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
  /** The first failure of any reader stops the others. */
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private readonly writer: TargetWriter;

  constructor(private readonly parts: Parts) {
    const { options, compares } = parts;
    const { target } = options;
    const signal = (this.signal = AbortSignal.any([options.signal, this.stop.signal]));
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

  /** @throws the first failure */
  async run(objects: readonly PlannedObject[]): Promise<void> {
    const queue = [...objects].reverse();
    try {
      await Promise.all(this.parts.options.readers.map((reader) => this.readAll(reader, queue)));
      this.signal.throwIfAborted();
      await this.writer.finish();
      this.signal.throwIfAborted();
    } finally {
      // The target is the caller's again, also after a failure: nothing may be written behind his back.
      await this.writer.settle();
      await this.parts.checkpointer.settle();
    }
    this.parts.checkpointer.throwFailure();
  }

  /** Never rejects. */
  private async readAll(reader: ObjectReader, queue: PlannedObject[]): Promise<void> {
    try {
      for (let object = queue.pop(); object; object = queue.pop()) await this.readOne(reader, object);
    } catch (error) {
      this.stop.abort(error);
    }
  }

  private async readOne(reader: ObjectReader, object: PlannedObject): Promise<void> {
    const { options, checkpointer } = this.parts;
    const { signal } = this;
    for await (const piece of reader.read(object, signal)) {
      try {
        await orAborted(checkpointer.accept(piece.data.length), signal);
        await orAborted(options.permit(piece.data.length), signal);
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

function without(object: PlannedObject, finished: readonly Extent[]): PlannedObject {
  if (finished.length === 0) return object;
  return { ...object, live: object.live.flatMap((extent) => outside(extent, finished)) };
}
