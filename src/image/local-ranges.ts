import type { LocalRange } from '../domain/extent';
import type { ObjectStore } from '../domain/object-store';
import type { BackupImage, OpenImageOptions, PlannedObject, RestorePlan } from './backup-image';

/** Implements `BackupImage.localRanges`. One object is one file and its live extents don't touch: nothing to merge. */
export async function localRanges(
  plan: RestorePlan,
  storeOf: OpenImageOptions['storeOf'],
): ReturnType<BackupImage['localRanges']> {
  if (plan.objects.some(({ codec }) => codec !== 'none')) return null;
  const ranges: LocalRange[] = [];
  for (const object of plan.objects) {
    const path = await localFile(object, storeOf(object.link));
    if (path === null) return null;
    for (const { offsetBytes, lengthBytes } of object.live) {
      ranges.push({ offsetBytes, lengthBytes, path, pathOffsetBytes: offsetBytes - object.offsetBytes });
    }
  }
  return ranges;
}

async function localFile(object: PlannedObject, store: ObjectStore): Promise<string | null> {
  return (await store.localFile?.(object.link, object.name)) ?? null;
}
