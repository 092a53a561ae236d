import { randomUUID } from 'node:crypto';
import { encodeRecord } from '../../../src/api/backup-record';
import type { Catalog } from '../../../src/catalog/catalog';
import { accept, completeFromBackup, importOf, poolOf, REASON, RUN, times } from '../../catalog/arrange';

/** Enough that deletions leave some. */
const COUNT = 8;

/** A project that has some of everything, and no quota; tells by which names and ids it can be asked for. */
export async function populate(catalog: Catalog, projectId: string): Promise<Record<string, readonly string[]>> {
  await catalog.setQuota(projectId, { volumes: -1, gigabytes: -1, backups: -1, backupGigabytes: -1 });
  const says = { imageMetadata: { os: 'linux' }, userMetadata: { key: 'value' } };
  const volumes = await Promise.all(times(COUNT, () => completeFromBackup(catalog, says, { projectId })));
  const backups = await Promise.all(times(COUNT, () => catalog.importBackup(importOf({ projectId }))));
  const types = await Promise.all(
    times(COUNT, (at) =>
      catalog.createVolumeType({
        name: `${projectId} ${at}`,
        description: null,
        isPublic: at > 1,
        extraSpecs: { key: 'value' },
      }),
    ),
  );
  for (const volume of volumes.slice(0, 2)) {
    await catalog.attachVolume(volume.id, { serverId: null, hostName: 'host', device: '/dev/vdb', mode: 'rw' });
  }
  const attachments = await Promise.all(
    volumes.slice(0, 2).map(async ({ id }) => (await catalog.findVolume(id, { projectId }))?.attachment?.id ?? ''),
  );
  const failed = await accept(catalog, { projectId });
  await catalog.failVolume({ volumeId: failed.id, runId: RUN, reason: REASON });
  const messages = await catalog.listMessages(projectId, {});
  await catalog.reportPools([poolOf()]);
  await catalog.reportServices([{ binary: 'cinder-volume', host: 'control@files', availabilityZone: 'nova' }]);
  const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);
  return {
    volumes: ids([...volumes, failed]),
    attachments,
    backups: ids(backups),
    types: ids(types),
    messages: ids(messages),
    projects: [projectId, 'default'],
    hosts: ['control@files', 'control@files#pool'],
    binaries: ['cinder-volume', 'cinder-scheduler'],
    switches: ['enable', 'disable', 'disable-log-reason', 'freeze', 'thaw', 'set-log', 'get-log'],
    keys: ['key'],
    extensions: ['backups', 'os-hosts'],
    sorts: ['name', 'created_at:asc', 'size:desc,id'],
    sortKeys: ['name', 'created_at', 'status', 'size'],
    records: times(COUNT, () => encodeRecord({ ...backups[0]!, id: randomUUID() })),
  };
}
