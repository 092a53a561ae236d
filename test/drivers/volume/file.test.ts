import { mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GIB } from '../../../src/domain/volume';
import { fileVolumeDriver } from '../../../src/drivers/volume/file';
import type { FilePool } from '../../../src/drivers/volume/file-pools';
import { openVolumeDrivers } from '../../../src/drivers/volume/registry';
import { runScript } from '../../support/child-process';
import type { ScriptProcess } from '../../support/child-process';
import { onLoopDevice, onRamfs, onTmpfs } from './mounts';
import { attempt, cloning, describeVolumeDriver, expectBytes, newVolume, pattern } from './volume-driver-contract';

const MIB = 1024 ** 2;
const POOL = 'node1@files#fast';

function driverOn(path: string, settings: Partial<FilePool> = {}): ReturnType<typeof fileVolumeDriver> {
  const pools = [{ name: 'fast', path, ...settings }];
  return fileVolumeDriver({ host: 'node1', backend: 'files', availabilityZone: 'nova', pools });
}

/** A process that opens the volume for writing, reports its pid or why it couldn't, and stays. */
async function writerInAnotherProcess(folder: string, volumeId: string, epoch: number): Promise<ScriptProcess> {
  const backend = {
    host: 'node1',
    backend: 'files',
    availabilityZone: 'nova',
    pools: [{ name: 'fast', path: folder }],
  };
  const volume = { id: volumeId, sizeGib: 1, poolName: POOL };
  return runScript(`
    const { fileVolumeDriver } = require('./src/drivers/volume/file.ts');
    const driver = fileVolumeDriver(${JSON.stringify(backend)});
    const options = { epoch: ${epoch}, signal: new AbortController().signal };
    try {
      const target = await driver.openTarget(${JSON.stringify(volume)}, options);
      await target.write(0, Buffer.from([${epoch}]));
      report('opened');
    } catch (error) {
      report(error.message);
    }`);
}

describeVolumeDriver('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-pool-'));
  return { driver: driverOn(folder), poolName: POOL, dispose: () => rm(folder, { recursive: true }) };
});

describe('volume driver file', () => {
  let folder: string;
  let driver: ReturnType<typeof driverOn>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekindle-pool-'));
    driver = driverOn(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("makes a sparse file under Cinder's name, of the exact size, that only its owner may read", async () => {
    const volume = newVolume(POOL, 3);
    await driver.createVolume(volume);
    const { size, blocks, mode } = await stat(join(folder, `volume-${volume.id}`));
    expect({ size, blocks, mode: mode & 0o777 }).toEqual({ size: 3 * GIB, blocks: 0, mode: 0o600 });
    expect(await readdir(folder)).toEqual([`volume-${volume.id}`]);
    expect(driver.locate(volume)).toBe(join(folder, `volume-${volume.id}`));
  });

  it('counts what is kept of a volume as that volume, and nothing that is not ours; a folder that is gone is no empty pool', async () => {
    const volume = newVolume(POOL);
    await writeFile(`${driver.locate(volume)}.draft`, '');
    await writeFile(join(folder, 'volume-of-sand'), 'a stranger');
    expect(await driver.listVolumes()).toEqual([
      { poolName: POOL, volumes: [{ volumeId: volume.id, storedBytes: 0 }] },
    ]);
    await rm(folder, { recursive: true });
    expect(await driver.listVolumes()).toEqual([]);
  });

  it.each(['before', 'after'])(
    'uses up what a process left that was killed just %s it had made the volume',
    async (when) => {
      const volume = newVolume(POOL);
      if (when === 'after') await driver.createVolume(volume);
      await writeFile(`${driver.locate(volume)}.draft`, '');

      await driver.createVolume(volume);

      expect(await readdir(folder)).toEqual([`volume-${volume.id}`]);
      expect((await stat(driver.locate(volume))).size).toBe(GIB);
    },
  );

  it('leaves nothing in the folder when a volume is deleted, nor of attempts that were killed', async () => {
    const volume = newVolume(POOL);
    await driver.createVolume(volume);
    await (await driver.openTarget(volume, attempt(1))).close();
    for (const left of ['clone', '6b1c.draft', 'lock.9f0e']) await writeFile(`${driver.locate(volume)}.${left}`, 'x');
    const other = newVolume(POOL);
    await driver.createVolume(other);
    await driver.deleteVolume(volume);
    expect(await readdir(folder)).toEqual([`volume-${other.id}`]);
  });

  it.each(['../../etc/passwd', '', 'x', '9b2e62ae-0d5e-4a5c-9d33-0f8a6c2b1d2e/../y'])(
    'refuses the volume id %j, which is not a UUID',
    async (id) => {
      const volume = { ...newVolume(POOL), id };
      const refused = { code: 'InvalidInput' };
      await expect(driver.createVolume(volume)).rejects.toMatchObject(refused);
      await expect(driver.deleteVolume(volume)).rejects.toMatchObject(refused);
      await expect(driver.openTarget(volume, attempt(1))).rejects.toMatchObject(refused);
      await expect(driver.extendVolume(volume, 2, attempt(1))).rejects.toMatchObject(refused);
      await expect(driver.createVolumeFromBackup(volume, [], cloning(1))).rejects.toMatchObject(refused);
    },
  );

  it('refuses to take a file of another size for the volume', async () => {
    const volume = newVolume(POOL);
    await writeFile(driver.locate(volume), 'something else');
    await expect(driver.createVolume(volume)).rejects.toMatchObject({ code: 'InvalidVolume' });
    await expect(driver.openTarget(volume, attempt(1))).rejects.toMatchObject({ code: 'InvalidVolume' });
    await expect(driver.extendVolume(volume, 2, attempt(1))).rejects.toMatchObject({ code: 'InvalidVolume' });
  });

  it('refuses a pool whose folder is missing, but does not take its volumes for deleted', async () => {
    const volume = newVolume(POOL);
    await rm(folder, { recursive: true });
    await expect(driver.createVolume(volume)).rejects.toMatchObject({ code: 'PoolRefused' });
    await expect(driver.createVolumeFromBackup(volume, [], cloning(1))).rejects.toMatchObject({
      code: 'PoolRefused',
    });
    await expect(driver.deleteVolume(volume)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(driver.openTarget(volume, attempt(1))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(driver.extendVolume(volume, 2, attempt(1))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await driver.reportPools()).toEqual([]);
  });

  it.each([
    ['a thick pool keeps what it promises', { capacityGib: 4, thinProvisioning: false }, 4, 6],
    ['a thin pool promises more than it has', { capacityGib: 4 }, 400, null],
    ['a thin pool whose capacity is used up promises nothing', { capacityGib: 1 / 1024 }, null, 2],
  ])('extends what there is room for: %s', async (_what, settings, possible, impossible) => {
    const pool = driverOn(folder, settings);
    const volume = newVolume(POOL);
    await pool.createVolume(volume);
    const target = await pool.openTarget(volume, attempt(1));
    await target.write(0, pattern(2 * MIB));
    await target.flush();
    await target.close();
    const sizeOf = async (): Promise<number> => (await stat(pool.locate(volume))).size / GIB;

    if (impossible !== null) {
      const refused = pool.extendVolume(volume, impossible, attempt(2));
      await expect(refused).rejects.toMatchObject({ code: 'PoolRefused', message: `Pool ${POOL} is full.` });
      expect(await sizeOf()).toBe(1);
    }
    if (possible !== null) {
      const freeBefore = (await pool.reportPools())[0]?.freeCapacityGib;
      await pool.extendVolume(volume, possible, attempt(2));
      expect(await sizeOf()).toBe(possible);
      expect((await pool.reportPools())[0]?.freeCapacityGib).toBe(freeBefore);
    }
  });

  it('looks into each folder of a backup for what it foresees, and leaves no file where it looks', async () => {
    const ranges = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const path = join(folder, `objects-${name}`, 'object');
        await mkdir(join(path, '..'));
        await writeFile(path, pattern(MIB));
        return { offsetBytes: 0, lengthBytes: MIB, path, pathOffsetBytes: 0 };
      }),
    );
    const before = await readdir(folder);
    const { signal } = attempt(1);
    await driver.foreseeVolumeFromBackup(newVolume(POOL), ranges, signal);
    expect(await readdir(folder)).toEqual(before);
    await rm(ranges[1]!.path);
    await expect(driver.foreseeVolumeFromBackup(newVolume(POOL), ranges, signal)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('gives the space of a zeroed range back', async () => {
    const volume = newVolume(POOL);
    await driver.createVolume(volume);
    const target = await driver.openTarget(volume, attempt(1));
    await target.write(0, pattern(8 * MIB));
    await target.flush();
    const { blocks: before } = await stat(driver.locate(volume));
    await target.zero(0, 8 * MIB);
    await target.close();
    const { blocks: after } = await stat(driver.locate(volume));
    expect(before * 512).toBeGreaterThanOrEqual(8 * MIB);
    expect(after * 512).toBeLessThan(MIB);
  });

  it('offers the configured capacity, and of it what its volumes have left', async () => {
    const offered = driverOn(folder, { capacityGib: 2, reservedPercentage: 5, maxOverSubscriptionRatio: 3 });
    const [empty] = await offered.reportPools();
    expect(empty).toEqual({
      name: POOL,
      availabilityZone: 'nova',
      totalCapacityGib: 2,
      freeCapacityGib: 2,
      reservedPercentage: 5,
      thinProvisioning: true,
      maxOverSubscriptionRatio: 3,
      capabilities: {
        volume_backend_name: 'files',
        storage_protocol: 'file',
        vendor_name: 'Rekindle',
        driver_version: expect.any(String),
      },
    });
    const volume = newVolume(POOL);
    await offered.createVolume(volume);
    const target = await offered.openTarget(volume, attempt(1));
    await target.write(0, pattern(8 * MIB));
    await target.flush();
    await target.close();
    const [used] = await offered.reportPools();
    expect(used?.freeCapacityGib).toBeCloseTo(2 - 8 / 1024, 3);
  });

  describe('with a writer in another process', () => {
    it('waits for its end while it lives, and takes over when it was killed', async () => {
      const volume = newVolume(POOL);
      await driver.createVolume(volume);
      const other = await writerInAnotherProcess(folder, volume.id, 1);
      try {
        await expect(driver.openTarget(volume, attempt(2))).rejects.toThrow(`in use by process ${other.child.pid}`);
        await expect(driver.deleteVolume(volume)).rejects.toThrow(`in use by process ${other.child.pid}`);
      } finally {
        await other.kill();
      }
      const target = await driver.openTarget(volume, attempt(2));
      expect(target.isZeroed).toBe(false);
      await target.close();
      expect(await readdir(`${driver.locate(volume)}.lock`)).toHaveLength(1);
    });

    it('lets one only take over from a dead writer, whoever tries at the same moment', async () => {
      const volume = newVolume(POOL);
      await driver.createVolume(volume);
      await (await writerInAnotherProcess(folder, volume.id, 1)).kill();
      const rivals = await Promise.all([2, 3, 4].map((epoch) => writerInAnotherProcess(folder, volume.id, epoch)));
      await Promise.all(rivals.map((rival) => rival.kill()));
      expect(rivals.filter(({ reported }) => reported === 'opened')).toHaveLength(1);
    });

    it('is not misled by a process that got the number of the dead one', async () => {
      const volume = newVolume(POOL);
      await driver.createVolume(volume);
      await mkdir(`${driver.locate(volume)}.lock`);
      const record = { pid: process.ppid, startedAt: 'an-earlier-boot/1', epoch: 1 };
      await writeFile(`${driver.locate(volume)}.lock/1`, JSON.stringify(record));
      await (await driver.openTarget(volume, attempt(2))).close();
    });

    it('remembers its epoch after its death', async () => {
      const volume = newVolume(POOL);
      await driver.createVolume(volume);
      await (await writerInAnotherProcess(folder, volume.id, 8)).kill();
      await expect(driver.openTarget(volume, attempt(7))).rejects.toMatchObject({ code: 'Fenced' });
    });

    it('opens a volume whose lock record was lost with the power', async () => {
      const volume = newVolume(POOL);
      await driver.createVolume(volume);
      await mkdir(`${driver.locate(volume)}.lock`);
      await writeFile(`${driver.locate(volume)}.lock/4`, '');
      await (await driver.openTarget(volume, attempt(1))).close();
    });
  });

  it('finds its drivers by host@backend, and refuses two of one name', () => {
    const backend = { driver: 'file', name: 'files', pools: [] } as const;
    const machine = { host: 'node1', availabilityZone: 'nova' };
    expect([...openVolumeDrivers({ ...machine, backends: [backend] }).keys()]).toEqual(['node1@files']);
    expect(() => openVolumeDrivers({ ...machine, backends: [backend, backend] })).toThrow('node1@files');
  });

  onTmpfs(8 * MIB, 'on a full pool', (mounted) => {
    it('refuses new volumes, says so to the writer, and can still close and delete', async () => {
      const full = driverOn(mounted());
      const volume = newVolume(POOL);
      await full.createVolume(volume);
      const target = await full.openTarget(volume, attempt(1));
      await expect(target.write(0, pattern(16 * MIB))).rejects.toMatchObject({
        code: 'PoolRefused',
        message: `Pool ${POOL} is full.`,
      });
      await target.close();
      await expect(full.extendVolume(volume, 2, attempt(2))).rejects.toMatchObject({ code: 'PoolRefused' });
      await expect(full.createVolume(newVolume(POOL))).rejects.toMatchObject({ code: 'PoolRefused' });
      expect((await full.reportPools())[0]?.freeCapacityGib).toBe(0);
      await full.deleteVolume(volume);
      expect(await readdir(mounted())).toEqual([]);
      await full.createVolume(newVolume(POOL));
    });

    it('removes a clone that did not fit', async () => {
      const full = driverOn(mounted());
      const volume = newVolume(POOL);
      const source = join(mounted(), 'object');
      await writeFile(source, pattern(5 * MIB));
      const range = { offsetBytes: 0, lengthBytes: 5 * MIB, path: source, pathOffsetBytes: 0 };
      await expect(full.createVolumeFromBackup(volume, [range], cloning(1))).rejects.toMatchObject({
        code: 'PoolRefused',
      });
      await full.deleteVolume(volume);
      expect(await readdir(mounted())).toEqual(['object']);
    });

    it("answers 'not-supported' when the backup lies on another kind of file system, and leaves nothing behind", async () => {
      const source = join(folder, 'object');
      await writeFile(source, pattern(MIB));
      const range = { offsetBytes: 0, lengthBytes: MIB, path: source, pathOffsetBytes: 0 };
      const result = await driverOn(mounted()).createVolumeFromBackup(newVolume(POOL), [range], cloning(1));
      expect(result).toEqual({ kind: 'not-supported', reason: "the backup's objects lie on another file system" });
      expect(await readdir(mounted())).toEqual([]);
      const foreseen = driverOn(mounted()).foreseeVolumeFromBackup(newVolume(POOL), [range], attempt(1).signal);
      expect([await foreseen, await readdir(mounted())]).toEqual([result, []]);
    });
  });

  onRamfs('on a file system that cannot punch holes', (mounted) => {
    it('writes the zeros out, and awaits that before it closes', async () => {
      const onRam = driverOn(mounted());
      const volume = newVolume(POOL);
      await onRam.createVolume(volume);
      const target = await onRam.openTarget(volume, attempt(1));
      await target.write(0, pattern(32 * MIB));
      let zeroed = false;
      const zeroing = target.zero(5, 32 * MIB - 10).then(() => (zeroed = true));
      await target.close();
      expect(zeroed).toBe(true);
      await zeroing;
      const again = await onRam.openTarget(volume, attempt(2));
      const expected = Buffer.alloc(32 * MIB);
      pattern(5).copy(expected);
      pattern(32 * MIB).copy(expected, 32 * MIB - 5, 32 * MIB - 5);
      expectBytes(await again.read(0, 32 * MIB), expected);
      await again.close();
    });
  });

  onLoopDevice('xfs', 'on XFS', (mounted) => {
    it('clones without taking space: the blocks are shared', async () => {
      const [objects, pool] = [join(mounted(), 'objects'), join(mounted(), 'pool')];
      await Promise.all([mkdir(objects), mkdir(pool)]);
      const source = join(objects, 'object');
      const content = Buffer.alloc(100 * MIB, pattern(4099));
      await writeFile(source, content, { flush: true });
      const onXfs = driverOn(pool);
      const volume = newVolume(POOL);
      const freeBefore = (await onXfs.reportPools())[0]?.freeCapacityGib ?? 0;
      const range = { offsetBytes: 64 * MIB, lengthBytes: 100 * MIB, path: source, pathOffsetBytes: 0 };
      const progress: number[] = [];
      const result = await onXfs.createVolumeFromBackup(volume, [range], {
        ...attempt(1),
        onProgress: (done) => progress.push(done / MIB),
      });
      expect(result).toEqual({ kind: 'created' });
      expect(progress).toEqual([64, 100]);
      const freeAfter = (await onXfs.reportPools())[0]?.freeCapacityGib ?? 0;
      expect((freeBefore - freeAfter) * 1024).toBeLessThan(1);
      expect((await stat(onXfs.locate(volume))).blocks * 512).toBeGreaterThanOrEqual(100 * MIB);
      const target = await onXfs.openTarget(volume, attempt(2));
      expectBytes(await target.read(64 * MIB, 100 * MIB), content);
      await target.write(64 * MIB, Buffer.alloc(MIB));
      await target.close();
      const file = await open(source);
      const { buffer } = await file.read(Buffer.alloc(MIB), 0, MIB, 0);
      await file.close();
      expectBytes(buffer, content.subarray(0, MIB));
    });
  });
});
