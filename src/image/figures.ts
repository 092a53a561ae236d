import { lengthOf } from '../domain/extents';
import type { BackupImage, Codec, PlannedObject } from './backup-image';
import { fetchedBytes } from './read-live';

/** What restoring an image moves. */
export interface ImageFigures {
  /** Objects that are read. */
  readonly objects: number;
  /** Stored bytes of them, at the most. */
  readonly fetchedBytes: number;
  readonly dataBytes: number;
  /** See `mainCodec`. */
  readonly codec: Codec | null;
}

export function figuresOf(image: Pick<BackupImage, 'plan' | 'hashes'>): ImageFigures {
  const { objects, dataBytes } = image.plan;
  return {
    objects: objects.length,
    fetchedBytes: objects.reduce(
      (sum, object) => sum + fetchedBytes(object, { checkMd5: checksMd5(image, object) }),
      0,
    ),
    dataBytes,
    codec: mainCodec(image),
  };
}

/** Whether nothing but the object's md5 proves its content. */
export function checksMd5({ hashes }: Pick<BackupImage, 'hashes'>, { md5 }: PlannedObject): boolean {
  return hashes === null && md5 !== null;
}

/** Of most of the data: what does not become smaller is stored uncompressed among the others (F-4). null: there is no data. */
export function mainCodec({ plan }: Pick<BackupImage, 'plan'>): Codec | null {
  const bytesOf = new Map<Codec, number>();
  for (const { codec, live } of plan.objects) bytesOf.set(codec, (bytesOf.get(codec) ?? 0) + lengthOf(live));
  const [most] = [...bytesOf].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? null;
}
