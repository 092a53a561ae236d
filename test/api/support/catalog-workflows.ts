import { randomUUID } from 'node:crypto';
import { judgeRequest } from '../../../activities/judge-request';
import type { VolumeWorkflows } from '../../../src/runs/volume-workflows';
import type { Catalog } from '../../../src/catalog/catalog';
import { isRefusalCode, Refusal } from '../../../src/domain/errors';
import { explanationOf } from '../../../src/domain/explanation';
import { DEFAULTS, RUN } from '../../catalog/arrange';
import { CONTROL_SETTINGS } from './control-settings';

/**
 * The workflows' first steps without Temporal: what a request is judged by, and the refusal that comes back, are the
 * catalog's own; only the way between is left out. So the API's tests see every status and text of a refusal over HTTP
 * without a worker, and the workflows' own tests see the way.
 */
export function catalogWorkflows(catalog: Catalog): VolumeWorkflows {
  return {
    create: async (request) => {
      await catalog.acceptVolume(request, DEFAULTS, RUN);
      if (request.backupId === null) return;
      try {
        await catalog.lockBackup(request.backupId, request.volumeId);
      } catch (error) {
        if (error instanceof Refusal && isRefusalCode(error.code)) {
          await catalog.withdrawVolume({ volumeId: request.volumeId, expiresAt: request.expiresAt, runId: RUN });
        }
        throw error;
      }
    },
    retry: async (request) => {
      await catalog.acceptVolume(request, DEFAULTS, randomUUID());
      await catalog.lockBackup(request.backupId, request.volumeId);
    },
    restore: async (request) => {
      await catalog.acceptRestore(request, randomUUID());
    },
    extend: async (request) => {
      await catalog.acceptExtension(request, { runId: randomUUID(), reportMaxAgeMs: 60_000 });
    },
    removeBackup: async ({ backupId, force }) => {
      await catalog.beginBackupDeletion(backupId, randomUUID(), force);
    },
    remove: async ({ volumeId, force }) => {
      await catalog.beginDeletion(volumeId, randomUUID(), force);
    },
    explain: async (request) => {
      const queuesOf = () => ({ poolQueue: 'none', copyQueue: 'none', planQueue: 'none' });
      const house = { catalog, repositoryQueue: 'none', queuesOf, settings: CONTROL_SETTINGS };
      const judged = await judgeRequest(house)({ request, refused: [] });
      const isEmpty = request.backupId === null;
      return explanationOf(judged, isEmpty ? { kind: 'nothing-to-move' } : { kind: 'unknown', reason: 'no worker' });
    },
    // Temporal is what was left out.
    describe: async () => null,
  };
}
