import { z } from 'zod';
import type { CatalogReader } from '../catalog/catalog';
import type { Volume } from '../domain/volume';
import { createWorkflowId, workflowUrl } from '../temporal';
import type { CreationRun } from '../runs/creation-run';
import { one } from './contract';
import type { Reply } from './exchange';
import type { Call, Route } from './route';
import type { ApiSettings } from './settings';
import type { VolumeWorkflows } from '../runs/volume-workflows';
import { findVisibleVolume } from './volumes';

interface ProgressParts {
  readonly catalog: CatalogReader;
  readonly workflows: VolumeWorkflows;
  readonly temporalUi: ApiSettings['temporalUi'];
}

const count = z.int().min(0).nullable();
const PROGRESS = z.strictObject({
  volume_id: z.string(),
  volume_status: z.string(),
  backup_id: z.string().nullable(),
  phase: z.string(),
  percent: z.number().min(0).max(100).nullable(),
  done_bytes: count,
  total_bytes: count,
  bytes_per_second: count,
  eta_seconds: count,
  stalled_seconds: count,
  run: z.int(),
  attempt: z.int().nullable(),
  last_error: z.string().nullable(),
  workflow_id: z.string(),
  workflow_status: z.string().nullable(),
  workflow_url: z.string().nullable(),
});

/** Ours, not Cinder's: how far the creation of a volume is, apart from Cinder's own bodies. */
export function progressRoutes(parts: ProgressParts): Route[] {
  return [
    {
      method: 'get',
      path: '/volumes/:id/rekindle',
      contract: { gives: { 200: one('rekindle', PROGRESS) } },
      handle: (call) => show(call, parts),
    },
  ];
}

async function show(call: Call, { catalog, workflows, temporalUi }: ProgressParts): Promise<Reply> {
  const volume = await findVisibleVolume(call, catalog);
  const run = await workflows.describe(volume.id);
  const workflowId = createWorkflowId(volume.id);
  return {
    status: 200,
    body: {
      rekindle: {
        volume_id: volume.id,
        volume_status: volume.status,
        backup_id: volume.backupId,
        ...bytesOf(volume, run),
        // The runs before this one are the retries.
        run: volume.runs,
        attempt: run?.attempt ?? null,
        last_error: run?.lastError ?? (await failureOf(volume, catalog)),
        workflow_id: workflowId,
        workflow_status: run?.status ?? null,
        workflow_url: temporalUi && workflowUrl(temporalUi.url, temporalUi.namespace, workflowId),
      },
    },
  };
}

/** `phase` is the copy's while there is one, else the workflow's; what isn't known is null. */
function bytesOf({ status }: Volume, run: CreationRun | null): object {
  const progress = status === 'creating' ? run?.progress : null;
  if (!progress) {
    const phase = run?.state ?? status;
    const rates = { bytes_per_second: null, eta_seconds: null, stalled_seconds: null };
    const nothing = { done_bytes: null, total_bytes: null, ...rates };
    return { phase, percent: run?.status === 'COMPLETED' ? 100 : null, ...nothing };
  }
  const { phase, doneBytes, totalBytes, bytesPerSecond, stalledMs } = progress;
  const left = Math.max(0, totalBytes - doneBytes);
  return {
    phase,
    percent: totalBytes > 0 ? Math.min(100, Math.round((doneBytes / totalBytes) * 1000) / 10) : null,
    done_bytes: doneBytes,
    total_bytes: totalBytes,
    bytes_per_second: Math.round(bytesPerSecond),
    eta_seconds: bytesPerSecond > 0 ? Math.ceil(left / bytesPerSecond) : null,
    stalled_seconds: stalledMs === null ? null : Math.floor(stalledMs / 1000),
  };
}

/** What the user was told. */
async function failureOf({ id, projectId, status }: Volume, catalog: CatalogReader): Promise<string | null> {
  if (status !== 'error') return null;
  const [newest] = await catalog.listMessages(projectId, { resourceId: id });
  return newest?.text ?? null;
}
