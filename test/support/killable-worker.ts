// A worker process as the product runs it, which kills itself where `deaths.ts` has it planned.
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { StepName } from '../../activities/index';
import type { VolumeTarget } from '../../src/domain/volume-target';
import type { VolumeDriver } from '../../src/drivers/volume/driver';
import { openVolumeDrivers } from '../../src/drivers/volume/registry';
import { openCatalog, temporalTarget } from '../../src/processes/parts';
import { runUntilStopped } from '../../src/processes/run-until-stopped';
import { startTogether } from '../../src/processes/started-parts';
import { connectClient, connectNative } from '../../src/temporal';
import { installRuntime } from '../../src/workers/runtime';
import { startWorkers } from '../../src/workers/start';
import { dieIfPlanned } from './deaths';
import { moversInThisProcess } from './movers';
import { suiteWorkflowBundle } from './temporal';

const plan = process.env['REKINDLE_TEST_DEATHS']!;

void runUntilStopped((config, log) =>
  startTogether(log, async (parts) => {
    installRuntime(log);
    const catalog = await openCatalog(config, log);
    parts.add('catalog', () => catalog.close());
    const client = await connectClient(temporalTarget(config));
    parts.add('Temporal client', () => client.connection.close());
    const connection = await connectNative(temporalTarget(config));
    parts.add('connection of the workers', () => connection.close());
    const workers = await startWorkers({
      config,
      catalog,
      client,
      connection,
      bundlePath: suiteWorkflowBundle(),
      volumeDrivers: openVolumeDrivers(config),
      movers: moversInThisProcess(config, dyingWhileMoving),
      interceptors: [dyingAround],
      log,
    });
    parts.add('workers', () => workers.stop());
    return { failed: workers.failed };
  }),
);

function dyingAround({ info }: Parameters<ActivityInterceptorsFactory>[0]): ReturnType<ActivityInterceptorsFactory> {
  const step = info.activityType as StepName;
  return {
    inbound: {
      execute: async (input, next) => {
        const { volumeId } = input.args[0] as { volumeId: string };
        dieIfPlanned(plan, { volumeId, step, moment: 'begins' });
        const result = await next(input);
        dieIfPlanned(plan, { volumeId, step, moment: 'has taken effect' });
        return result;
      },
    },
  };
}

function dyingWhileMoving(driver: VolumeDriver): VolumeDriver {
  const clone = driver.createVolumeFromBackup?.bind(driver);
  return {
    ...driver,
    openTarget: async (volume, options) => dyingTarget(await driver.openTarget(volume, options), volume.id),
    createVolumeFromBackup:
      clone &&
      ((volume, ranges, options) =>
        clone(volume, ranges, {
          ...options,
          onProgress: (doneBytes, totalBytes) => {
            options.onProgress(doneBytes, totalBytes);
            dieIfPlanned(plan, { volumeId: volume.id, step: 'createFromBackup', moment: 'is in the middle' });
          },
        })),
  };
}

function dyingTarget(target: VolumeTarget, volumeId: string): VolumeTarget {
  let writes = 0;
  return {
    sizeBytes: target.sizeBytes,
    isZeroed: target.isZeroed,
    identity: target.identity,
    bootId: target.bootId,
    read: (offsetBytes, lengthBytes) => target.read(offsetBytes, lengthBytes),
    zero: (offsetBytes, lengthBytes) => target.zero(offsetBytes, lengthBytes),
    flush: () => target.flush(),
    markWhole: () => target.markWhole(),
    close: () => target.close(),
    write: async (offsetBytes, data) => {
      await target.write(offsetBytes, data);
      writes += 1;
      if (writes > 2) dieIfPlanned(plan, { volumeId, step: 'restoreBackup', moment: 'is in the middle' });
    },
  };
}
