import { Refusal } from '../domain/errors';
import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { BackupImage } from '../image/backup-image';

/** Names the object that the first byte of the range comes from, where one does. */
export function damagedAt(image: BackupImage, range: Extent, fault: string): Refusal {
  const object = image.plan.objects.find(({ live }) => live.some((extent) => overlap(extent, range)));
  const where = object ? `object ${object.name}: ` : '';
  return new Refusal('BackupDamaged', `Backup ${image.backupId} is damaged: ${where}${fault}.`);
}

/** The same, where it is known which object the bytes come from. */
export function faultOfObject(backupId: string, objectName: string) {
  return (_block: Extent, fault: string): Refusal =>
    new Refusal('BackupDamaged', `Backup ${backupId} is damaged: object ${objectName}: ${fault}.`);
}

function overlap(one: Extent, other: Extent): boolean {
  return one.offsetBytes < endOf(other) && other.offsetBytes < endOf(one);
}
