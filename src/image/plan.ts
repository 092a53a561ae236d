import type { BackupLink } from '../domain/backup';
import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { PlannedObject, RestorePlan } from './backup-image';
import { damaged, damagedObject } from './damage';
import { byOffset, join, lengthOf, outside } from '../domain/extents';
import type { ExtentSet } from '../domain/extents';

/** One object as its backup's metadata and the repository describe it. */
export type RecordedObject = Omit<PlannedObject, 'live'>;

/** One link of the chain with all its objects, in any order. */
export interface Layer {
  readonly link: BackupLink;
  readonly objects: readonly RecordedObject[];
}

/**
 * Flattens a chain: of each byte the newest writer wins (F-8), and what no other object needs isn't planned. Zeros in an
 * increment are data like any other, so nothing older shines through (W-1). Pure.
 * @param layers leaf first, full backup last.
 * @throws Refusal('BackupDamaged') for a hole, an overlap within one link, or an extent outside the volume.
 */
export function planRestore(layers: readonly Layer[]): RestorePlan {
  const sorted = layers.map(({ link, objects }) => ({ link, objects: [...objects].sort(byOffset) }));
  const sizeBytes = requireFullBackup(sorted.at(-1));
  sorted.forEach((layer) => requireDisjointWithin(layer, sizeBytes));

  const planned: PlannedObject[] = [];
  let covered: ExtentSet = [];
  for (const { objects } of sorted) {
    const added: Extent[] = [];
    for (const object of objects) {
      const live = outside(object, covered);
      if (live.length > 0) planned.push({ ...object, live });
      for (const extent of live) added.push(extent);
    }
    covered = join(covered, added);
  }
  return restorePlan(sizeBytes, planned, []);
}

/** The same image where `zeros` are known to read zero: they are no object's data any more. */
export function withZeros(plan: RestorePlan, zeros: ExtentSet): RestorePlan {
  if (zeros.length === 0) return plan;
  const objects = plan.objects.map((object) => ({
    ...object,
    live: object.live.flatMap((extent) => outside(extent, zeros)),
  }));
  return restorePlan(plan.sizeBytes, objects, zeros);
}

function restorePlan(sizeBytes: number, planned: readonly PlannedObject[], zeros: ExtentSet): RestorePlan {
  const objects = planned.filter(({ live }) => live.length > 0).sort((a, b) => firstByte(a) - firstByte(b));
  const dataBytes = objects.reduce((sum, { live }) => sum + lengthOf(live), 0);
  return { sizeBytes, objects, zeros, dataBytes };
}

function firstByte({ live }: PlannedObject): number {
  return live[0]?.offsetBytes ?? 0;
}

/** F-6: the device in pieces, one after the other, so that their sum is its length. */
function requireFullBackup(full: Layer | undefined): number {
  if (!full) throw new Error('A chain has at least one link.');
  let end = 0;
  for (const object of full.objects) {
    if (object.offsetBytes > end) {
      throw damaged(full.link.id, `nothing covers bytes ${end} to ${object.offsetBytes} of the volume`);
    }
    end = Math.max(end, endOf(object));
  }
  if (end === 0) throw damaged(full.link.id, 'it is a full backup without objects');
  return end;
}

function requireDisjointWithin(layer: Layer, sizeBytes: number): void {
  let end = 0;
  for (const object of layer.objects) {
    const where = { backupId: layer.link.id, objectName: object.name };
    if (object.offsetBytes < end) {
      throw damagedObject(where, `begins at ${object.offsetBytes}, before its predecessor's end at ${end}`);
    }
    end = endOf(object);
    if (end > sizeBytes) {
      throw damagedObject(where, `ends at ${end}, outside the volume of ${sizeBytes} bytes`);
    }
  }
}
