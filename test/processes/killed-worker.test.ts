import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StepName } from '../../activities/index';
import { temporalWorkflows } from '../../src/runs/volume-workflows';
import { messagesOf } from '../support/clean-slate';
import { hasDied, planDeath } from '../support/deaths';
import type { Death, Moment } from '../support/deaths';
import { damageableCopy, fixture } from '../support/fixtures';
import type { DamageableCopy, Fixture } from '../support/fixtures';
import { eventually } from '../support/eventually';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { startProduct } from '../support/product-process';
import { supervise } from '../support/supervisor';
import type { Supervisor } from '../support/supervisor';
import { fillWithNoise, sha256OfVolume } from '../support/volume-content';
import { expectContent } from '../support/volume-file';

jest.setTimeout(240_000);

const uncompressed = fixture('none-c4m-s32k-odd');
const compressed = fixture('zlib-c4m-s32k-odd');
const damaged = fixture('zlib-c64k-s4k-sec');

/** One volume: while it is being created, its worker is killed at this moment of this step. */
type Case = Death & { readonly backupId: string; readonly isRestore?: boolean };

const TWICE: readonly Moment[] = ['begins', 'has taken effect'];
const WHILE_MOVING: readonly Moment[] = ['begins', 'is in the middle', 'has taken effect'];

function killedAt(backupId: string, step: StepName, moments = TWICE): Case[] {
  return moments.map((moment) => ({ volumeId: randomUUID(), backupId, step, moment }));
}

function restoring(cases: readonly Case[]): Case[] {
  return cases.map((one) => ({ ...one, isRestore: true }));
}

/** The driver's own way is taken with an uncompressed backup only. */
const natively = uncompressed.links('inc3')[0]!.id;
const byCopy = compressed.links('inc3')[0]!.id;
const inVain = damaged.links('full')[0]!.id;

const NATIVE: readonly Case[] = [
  ...killedAt(natively, 'acceptRequest'),
  ...killedAt(natively, 'lockBackup'),
  ...killedAt(natively, 'scheduleVolume'),
  ...killedAt(natively, 'createFromBackup', WHILE_MOVING),
  ...killedAt(natively, 'completeVolume'),
];
const COPIED: readonly Case[] = [
  ...killedAt(byCopy, 'createFromBackup'),
  ...killedAt(byCopy, 'createRawVolume'),
  ...killedAt(byCopy, 'restoreBackup', WHILE_MOVING),
];
const FAILED: readonly Case[] = [
  ...killedAt(inVain, 'oweRemoval'),
  ...killedAt(inVain, 'releaseBackup'),
  ...killedAt(inVain, 'failVolume'),
  ...killedAt(inVain, 'removeVolume'),
];
const WITHDRAWN: readonly Case[] = [
  ...killedAt(uncompressed.links('full')[0]!.id, 'withdrawRequest', ['begins']),
  ...killedAt(uncompressed.links('inc1')[0]!.id, 'withdrawRequest', ['has taken effect']),
];
/** Into volumes that are there already. */
const RESTORED = restoring([
  ...killedAt(byCopy, 'acceptRestore'),
  ...killedAt(byCopy, 'restoreBackup', ['is in the middle', 'has taken effect']),
]);
const RESTORED_IN_VAIN = restoring(killedAt(inVain, 'failRestore'));
const ALL = [...WITHDRAWN, ...NATIVE, ...COPIED, ...FAILED, ...RESTORED, ...RESTORED_IN_VAIN];
/** A removal is tried for a moment only, and then left to the worker's report: those go first, while there is a worker. */
const ON_POOLS = ALL.filter(({ step }) => step === 'createRawVolume' || step === 'removeVolume');
const PATIENCE_MS = 120_000;
/** How many of the others are created at a time. */
const LANES = 6;

/** The one before the death that each of these is about: it makes room for somebody else to take the backup. */
const beforeLocking = ({ volumeId }: Case): Death => ({ volumeId, step: 'lockBackup', moment: 'begins' });

describe('a worker killed with SIGKILL and started again', () => {
  let house: House;
  let repository: DamageableCopy;
  let plan: string;
  let worker: Supervisor;
  const runs = new Map<Case, Promise<Run>>();

  interface Run {
    /** Null if it was accepted. */
    readonly refusal: unknown;
    readonly closed: string;
  }

  beforeAll(async () => {
    repository = damageableCopy(damaged);
    for (const { repoRoot } of [uncompressed, compressed]) cpSync(repoRoot, repository.repoRoot, { recursive: true });
    truncateSync(repository.pathOf(damaged.links('full')[0]!, '-00100'), 1000);
    house = await startHouse({
      repository: repository.repoRoot,
      config: { database: { backupLock: 'shared' } },
    });
    await Promise.all([house.stopWorkers('control'), house.stopWorkers('data')]);
    for (const chain of [uncompressed, compressed, damaged]) await house.importChain(chain);

    plan = mkdtempSync(path.join(tmpdir(), 'rekindle-deaths-'));
    for (const one of [...ALL, ...WITHDRAWN.map(beforeLocking)]) planDeath(plan, one);
    worker = supervise(() => startProduct('test/support/killable-worker.ts', environment()));
    await Promise.race([startAll(), worker.failed]);
  });

  afterAll(async () => {
    await worker.stop();
    await house.stop();
    repository.dispose();
    rmSync(plan, { recursive: true });
  });

  function environment(): NodeJS.ProcessEnv {
    const { database, config } = house;
    const file = path.join(plan, 'rekindle.yml');
    // YAML holds JSON.
    writeFileSync(
      file,
      JSON.stringify({ ...config, logLevel: 'warn', database: { ...config.database, url: database.url } }),
    );
    return { REKINDLE_CONFIG: file, REKINDLE_TEST_DEATHS: plan };
  }

  /** Not all at once: each death disturbs whoever is in the middle of a step. */
  async function startAll(): Promise<void> {
    const lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve());
    for (const one of ON_POOLS) {
      runs.set(one, run(one));
      await death(one);
    }
    const others = ALL.filter((one) => !ON_POOLS.includes(one));
    others.forEach((one, index) => {
      const lane = index % LANES;
      const running = lanes[lane]!.then(() => run(one));
      runs.set(one, running);
      lanes[lane] = running;
    });
    await Promise.all(WITHDRAWN.map(takeBackupAway));
  }

  async function run({ volumeId, backupId, isRestore = false }: Case): Promise<Run> {
    if (isRestore) return runRestore(volumeId, backupId);
    const refusal = await ask(volumeId, backupId).then(
      () => null,
      (error: unknown) => error,
    );
    return { refusal, closed: await house.closed(volumeId) };
  }

  async function runRestore(volumeId: string, backupId: string): Promise<Run> {
    await ask(volumeId, null);
    expect(await house.closed(volumeId)).toBe('COMPLETED');
    await fillWithNoise(path.join(house.poolPath(), `volume-${volumeId}`));
    const expiresAt = new Date(Date.now() + PATIENCE_MS).toISOString();
    const request = { volumeId, backupId, projectId: PROJECT, requestId: `req-${volumeId}`, expiresAt };
    await temporalWorkflows(house.client, PATIENCE_MS).restore(request);
    return { refusal: null, closed: await house.restoreClosed(volumeId) };
  }

  /** As the API does, but with the patience of a test that kills workers all the time. */
  async function ask(volumeId: string, backupId: string | null): Promise<void> {
    await temporalWorkflows(house.client, PATIENCE_MS).create({
      volumeId,
      backupId,
      projectId: PROJECT,
      userId: 'tester',
      requestId: `req-${volumeId}`,
      sizeGib: backupId === null ? 1 : null,
      name: null,
      description: null,
      volumeType: null,
      availabilityZone: null,
      metadata: {},
      readBack: false,
      expiresAt: new Date(Date.now() + PATIENCE_MS).toISOString(),
    });
  }

  async function death(one: Death): Promise<void> {
    await eventually(async () => hasDied(plan, one) || null, 120_000);
  }

  /** Somebody else takes it after the request was accepted, and before it is locked. */
  async function takeBackupAway(one: Case): Promise<void> {
    await death(beforeLocking(one));
    await house.database.query(`update backups set status = 'restoring' where id = $1`, [one.backupId]);
  }

  const outcomeOf = (one: Case): Promise<Run> => Promise.race([runs.get(one)!, worker.failed]);

  async function expectRightVolume({ volumeId, backupId }: Case, chain: Fixture): Promise<void> {
    expect(await house.volume(volumeId)).toMatchObject({ status: 'available', metadata: { src_backup_id: backupId } });
    await expectContent(path.join(house.poolPath(), `volume-${volumeId}`), chain, 'inc3');
  }

  it.each(NATIVE)('when $step $moment: the volume ends available and right', async (one) => {
    const { closed } = await outcomeOf(one);

    expect(closed).toBe('COMPLETED');
    await expectRightVolume(one, uncompressed);
  });

  it.each(COPIED)('when $step $moment, without a native way: the volume ends available and right', async (one) => {
    const { closed } = await outcomeOf(one);

    expect(closed).toBe('COMPLETED');
    await expectRightVolume(one, compressed);
  });

  it.each(FAILED)('when $step $moment, undoing: the volume ends in error, its user told once', async (one) => {
    const { closed } = await outcomeOf(one);

    expect(closed).toBe('FAILED');
    expect(await house.volume(one.volumeId)).toMatchObject({ status: 'error', host: null });
    expect(await messagesOf(house, one.volumeId)).toEqual([expect.stringContaining('-00100')]);
  });

  it.each(RESTORED)(
    'when $step $moment, of a restore over other data: the volume ends available and right',
    async (one) => {
      const { closed } = await outcomeOf(one);

      expect(closed).toBe('COMPLETED');
      expect(await house.volume(one.volumeId)).toMatchObject({ status: 'available' });
      const file = path.join(house.poolPath(), `volume-${one.volumeId}`);
      expect(await sha256OfVolume(file, compressed.volumeBytes)).toBe(compressed.contentSha256('inc3'));
    },
  );

  it.each(RESTORED_IN_VAIN)(
    'when $step $moment, of a restore: it ends in error_restoring, its user told once',
    async (one) => {
      const { closed } = await outcomeOf(one);

      expect(closed).toBe('FAILED');
      expect(await house.volume(one.volumeId)).toMatchObject({ status: 'error_restoring' });
      expect(await messagesOf(house, one.volumeId)).toEqual([expect.stringContaining('-00100')]);
    },
  );

  it.each(WITHDRAWN)('when $step $moment: the caller is refused, and nothing is left of it', async (one) => {
    const { refusal, closed } = await outcomeOf(one);

    expect(refusal).toMatchObject({ code: 'InvalidBackup' });
    expect(closed).toBe('FAILED');
    expect(await house.volume(one.volumeId)).toBeNull();
  });

  it('leaves, after all of that, free backups and exactly the volumes that are there', async () => {
    await Promise.all(ALL.map(outcomeOf));
    const available = [...NATIVE, ...COPIED, ...RESTORED, ...RESTORED_IN_VAIN];
    const { catalog, config } = house;

    expect(house.volumes().sort()).toEqual(available.map(({ volumeId }) => `volume-${volumeId}`).sort());
    expect(await catalog.owedRemovals(`${config.host}@file`)).toEqual([]);
    expect(await catalog.listPools()).toMatchObject([{ provisionedCapacityGib: available.length }]);
    // An `error` volume counts until it is deleted, as in Cinder; a withdrawn one never did.
    const counted = available.length + FAILED.length;
    expect(await catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: counted, gigabytes: counted });
    expect(await house.database.query('select * from backup_readers')).toEqual([]);
    for (const id of [natively, byCopy, inVain]) expect(await house.backup(id)).toMatchObject({ status: 'available' });
  });

  it('did die once for every planned death', () => {
    expect(worker.deaths()).toBe(ALL.length + WITHDRAWN.length);
  });
});
