import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Refusal } from '../../src/domain/errors';
import type { VolumeDriver } from '../../src/drivers/volume/driver';
import {
  createWorkflowId,
  deleteBackupWorkflowId,
  deleteWorkflowId,
  explainWorkflowId,
  extendWorkflowId,
  restoreWorkflowId,
} from '../../src/temporal';
import { withoutNativeWay } from '../support/drivers';
import { eventually } from '../support/eventually';
import { damageableCopy, fixture } from '../support/fixtures';
import type { Fixture } from '../support/fixtures';
import { gate } from '../support/gate';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { keepHistory } from './histories';
import type { Shape } from './shapes';

/*
 * `npm run record-histories`: has every workflow take each of its ways, and keeps what Temporal noted of it.
 */

let house: House;
/** What the drivers do otherwise than they would. */
let odd: Partial<VolumeDriver> = {};

const settled = (id: string) => house.settled(id);
const gone = (id: string) => eventually(async () => ((await house.volume(id)) === null ? true : null));
const handle = (workflowId: string) => house.client.workflow.getHandle(workflowId);

async function keep(name: Shape, workflowId: string): Promise<void> {
  await handle(workflowId)
    .result()
    .catch(() => undefined);
  keepHistory({ name, json: historyToJSON(await handle(workflowId).fetchHistory()) });
}

async function open(
  chain: Fixture,
  repository: string,
  around: (driver: VolumeDriver) => VolumeDriver,
): Promise<string> {
  house = await startHouse({
    repository,
    pools: ['first', 'second'],
    aroundDriver: (driver) => {
      const plain = around(driver);
      const odder = <Name extends 'createVolume' | 'openTarget' | 'extendVolume'>(name: Name) =>
        ((...args: never[]) =>
          ((odd[name] ?? plain[name]) as (...all: never[]) => unknown)(...args)) as VolumeDriver[Name];
      return {
        ...plain,
        createVolume: odder('createVolume'),
        openTarget: odder('openTarget'),
        extendVolume: odder('extendVolume'),
      };
    },
    config: {
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200 },
      worker: { reportEveryMs: 60_000, reconcileEveryMs: null },
    },
  });
  return house.importChain(chain);
}
afterEach(async () => {
  odd = {};
  await house.stop();
});

it('creations by copy, restores, extensions, deletions', async () => {
  const chain = fixture('zlib-c4m-s32k-odd');
  const repository = damageableCopy(chain);
  const backupId = await open(chain, repository.repoRoot, withoutNativeWay);

  const copied = await house.create({ backupId });
  await settled(copied);
  await keep('create, copied', createWorkflowId(copied));

  const empty = await house.create({ sizeGib: 1 });
  await settled(empty);
  await keep('create, empty', createWorkflowId(empty));

  const refused = randomUUID();
  await house.create({ volumeId: refused, backupId, availabilityZone: 'nowhere' }).catch(() => undefined);
  await keep('create, refused', createWorkflowId(refused));

  const requestId = `req-${randomUUID()}`;
  const asked = {
    ...{ volumeId: randomUUID(), projectId: PROJECT, userId: 'tester', requestId, sizeGib: null, name: null },
    ...{ description: null, volumeType: null, availabilityZone: null, metadata: {}, backupId, readBack: false },
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  };
  await house.workflows.explain(asked, 30_000);
  await keep('explain', explainWorkflowId(requestId));

  await house.restore(empty, backupId);
  await settled(empty);
  await keep('restore', restoreWorkflowId(empty));
  await house.restore(copied, randomUUID()).catch(() => undefined);
  await keep('restore, refused', restoreWorkflowId(copied));

  await house.extend(empty, 2);
  await settled(empty);
  await keep('extend', extendWorkflowId(empty));
  await house.extend(empty, 1).catch(() => undefined);
  await keep('extend, refused', extendWorkflowId(empty));
  odd = {
    extendVolume: async () => {
      throw new Refusal('PoolRefused', 'The pool is full.');
    },
  };
  await house.extend(copied, 3);
  await settled(copied);
  await keep('extend, where the pool is full', extendWorkflowId(copied));
  odd = {};

  let tries = 0;
  odd = {
    createVolume: async () => {
      tries += 1;
      throw new Refusal('PoolRefused', 'The pool is full.');
    },
  };
  const nowhere = await house.create({ backupId });
  await settled(nowhere);
  await keep('create, where no pool takes it', createWorkflowId(nowhere));
  expect(tries).toBe(2);
  odd = {};

  await house.remove(empty);
  await gone(empty);
  await keep('delete', deleteWorkflowId(empty));
  const nobody = randomUUID();
  await house.remove(nobody).catch(() => undefined);
  await keep('delete, refused', deleteWorkflowId(nobody));

  await handle('reconcile-recorded')
    .result()
    .catch(() => undefined);
  await house.client.workflow.execute('reconcile', { workflowId: 'reconcile-recorded', taskQueue: 'rekindle-control' });
  await keep('reconcile, with nothing to do', 'reconcile-recorded');

  writeFileSync(repository.pathOf(chain.links('full')[0]!, '-00004'), 'damaged');
  const damaged = await house.create({ backupId });
  await settled(damaged);
  await keep('create, of a damaged backup', createWorkflowId(damaged));
  const target = await house.create({ sizeGib: 1 });
  await settled(target);
  await house.restore(target, backupId);
  await settled(target);
  await keep('restore, of a damaged backup', restoreWorkflowId(target));

  const request = { projectId: PROJECT, requestId: 'req-recorded', force: false };
  const full = chain.links('full')[0]!.id;
  await house.workflows.removeBackup({ ...request, backupId: full }).catch(() => undefined);
  await keep('delete a backup, refused', deleteBackupWorkflowId(full));
  await house.workflows.removeBackup({ ...request, backupId });
  await eventually(async () => ((await house.backup(backupId)) === null ? true : null));
  await keep('delete a backup', deleteBackupWorkflowId(backupId));
  repository.dispose();
});

it('creations that are stopped, retried and moved to another pool', async () => {
  const chain = fixture('zlib-c4m-s32k-odd');
  let plain: VolumeDriver | null = null;
  const backupId = await open(chain, chain.repoRoot, (driver) => (plain = withoutNativeWay(driver)));
  const held = () => {
    const copy = gate();
    odd = {
      openTarget: async (volume, options) => {
        copy.pass().catch(() => undefined);
        await new Promise((_resolve, reject) =>
          options.signal.addEventListener('abort', () => reject(options.signal.reason as Error), { once: true }),
        );
        return plain!.openTarget(volume, options);
      },
    };
    return copy;
  };

  let copy = held();
  const cancelled = await house.create({ backupId });
  await copy.reached;
  await handle(createWorkflowId(cancelled)).cancel();
  await keep('create, cancelled in its copy', createWorkflowId(cancelled));

  copy = held();
  const deleted = await house.create({ backupId });
  await copy.reached;
  await house.remove(deleted);
  await gone(deleted);
  await keep('delete, of one that is being created', deleteWorkflowId(deleted));

  odd = {};
  const target = await house.create({ sizeGib: 1 });
  await settled(target);
  copy = held();
  await house.restore(target, backupId);
  await copy.reached;
  await handle(restoreWorkflowId(target)).cancel();
  await keep('restore, cancelled in its copy', restoreWorkflowId(target));

  copy = held();
  const terminated = await house.create({ backupId });
  await copy.reached;
  await handle(createWorkflowId(terminated)).terminate();
  await house.client.workflow.execute('reconcile', {
    workflowId: 'reconcile-recorded-2',
    taskQueue: 'rekindle-control',
  });
  await keep('reconcile, of a create that was terminated', 'reconcile-recorded-2');
  odd = {};
  await house.retry(terminated);
  await settled(terminated);
  await keep('create, retried', createWorkflowId(terminated));

  let refusals = 0;
  odd = {
    createVolume: async (volume, options) => {
      refusals += 1;
      if (refusals === 1) throw new Refusal('PoolRefused', 'The pool is full.');
      return plain!.createVolume(volume, options);
    },
  };
  const second = await house.create({ backupId });
  await settled(second);
  await keep('create, on the second pool', createWorkflowId(second));
});

it('a creation by the driver’s own way', async () => {
  const chain = fixture('none-c4m-s32k-odd');
  const backupId = await open(chain, chain.repoRoot, (driver) => driver);
  const volumeId = await house.create({ backupId });
  expect(await settled(volumeId)).toMatchObject({ status: 'available' });
  await keep('create, natively', createWorkflowId(volumeId));
});
