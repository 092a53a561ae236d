import { createWorkflowId } from '../../src/temporal';
import { acceptFromBackup, REASON, RUN } from '../catalog/arrange';
import { stallingDriver, withoutNativeWay } from '../support/drivers';
import { eventually } from '../support/eventually';
import { fixture } from '../support/fixtures';
import { startHouse } from '../support/house';
import { serveHouse } from './support/house-api';
import { useApi } from './support/use-api';

/** GET /volumes/{id}/rekindle: how far a creation is. Ours, not Cinder's. */
const here = useApi();

type Progress = Record<string, unknown>;

const UNKNOWN = {
  done_bytes: null,
  total_bytes: null,
  bytes_per_second: null,
  eta_seconds: null,
  stalled_seconds: null,
};

describe('where Temporal says nothing', () => {
  const shown = async (id: string): Promise<unknown> =>
    ((await here.ask(`/volumes/${id}/rekindle`)).body as unknown as { rekindle: Progress }).rekindle;

  it('the catalog’s row and message are shown', async () => {
    const { volume, backupId } = await acceptFromBackup(here.catalog, { projectId: here.project });
    const known = {
      volume_id: volume.id,
      backup_id: backupId,
      ...UNKNOWN,
      percent: null,
      run: 1,
      attempt: null,
      workflow_id: `create-volume-${volume.id}`,
      workflow_status: null,
      workflow_url: `http://ui/namespaces/rekindle/workflows/create-volume-${volume.id}`,
    };
    expect(await shown(volume.id)).toEqual({
      ...{ ...known, volume_status: 'creating', phase: 'creating', last_error: null },
    });
    await here.catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    expect(await shown(volume.id)).toEqual({
      ...{ ...known, volume_status: 'error', phase: 'error', last_error: 'restore backup:The object is damaged.' },
    });
  });

  it('nobody sees it of another project’s volume, or of none', async () => {
    expect((await here.ask('/volumes/nope/rekindle')).status).toBe(404);
  });
});

it('tells phase, bytes, rate and attempt of a copy that runs, and why one ended', async () => {
  const chain = fixture('zlib-c4m-s32k-odd');
  const stall = stallingDriver(1);
  const house = await startHouse({
    repository: chain.repoRoot,
    aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
  });
  const api = await serveHouse(house);
  try {
    const volumeId = await house.create({ backupId: await house.importChain(chain) });
    const show = async (): Promise<Progress> =>
      ((await api.ask(`/volumes/${volumeId}/rekindle`)).body as unknown as { rekindle: Progress }).rekindle;
    await stall.copying();

    const copying = await eventually(async () => {
      const progress = await show();
      return progress['phase'] === 'copy' ? progress : null;
    });

    expect(copying).toMatchObject({ volume_status: 'creating', workflow_status: 'RUNNING', attempt: 1, run: 1 });
    expect(copying['total_bytes']).toBeGreaterThan(0);
    expect(copying['done_bytes']).toEqual(expect.any(Number));
    expect(copying['percent']).toBeLessThan(100);
    expect(copying['bytes_per_second']).toEqual(expect.any(Number));
    // Of a disk that doesn't answer any more it tells, long before it gives up.
    await eventually(async () => (Number((await show())['stalled_seconds']) >= 1 ? true : null));
    await house.client.workflow.getHandle(createWorkflowId(volumeId)).cancel();
    await house.closed(volumeId);
    expect(await show()).toMatchObject({
      ...UNKNOWN,
      phase: 'error',
      percent: null,
      workflow_status: 'CANCELLED',
      last_error:
        'create volume from backend storage:The creation was cancelled. Retry it (action rekindle-retry), or delete it.',
    });
  } finally {
    api.close();
    await house.stop();
  }
});
