import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BackupLink } from '../../src/domain/backup';

export const POSIX_SERVICE = 'cinder.backup.drivers.posix.PosixBackupDriver';

/**
 * Copies what the Swift or the S3 driver stored (a folder for each container, in it the objects by their names) as the posix
 * driver would have laid it out. Containers stay; the slashes in the names of those stores' objects,
 * `volume_<id>/<time>/az_<zone>_backup_<id>-00001`, become underscores, because the posix driver lists the files of a container's
 * folder and none below it (F-11). So do they in the metadata, which lists the objects by name, and in the rows (`asPosixLink`).
 * Data and hashes are copied as they are.
 */
export function layOutAsPosix(from: string, to: string): void {
  for (const container of readdirSync(from)) {
    const folder = path.join(from, container);
    mkdirSync(path.join(to, container), { recursive: true });
    const objects = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const name of objects.filter((found) => statSync(path.join(folder, found)).isFile())) {
      copyObject(path.join(folder, name), path.join(to, container, posixName(name)));
    }
  }
}

/** The row of Cinder's database, as if the posix driver had written the backup. */
export function asPosixLink(link: BackupLink): BackupLink {
  const { serviceMetadata } = link;
  return { ...link, service: POSIX_SERVICE, serviceMetadata: serviceMetadata && posixName(serviceMetadata) };
}

function posixName(objectName: string): string {
  return objectName.replaceAll('/', '_');
}

function copyObject(from: string, to: string): void {
  if (!from.endsWith('_metadata')) {
    copyFileSync(from, to);
    return;
  }
  const metadata = JSON.parse(readFileSync(from, 'utf8')) as { readonly objects: readonly Record<string, unknown>[] };
  const objects = metadata.objects.map((object) =>
    Object.fromEntries(Object.entries(object).map(([name, extent]) => [posixName(name), extent])),
  );
  writeFileSync(to, JSON.stringify({ ...metadata, objects }, null, 2));
}
