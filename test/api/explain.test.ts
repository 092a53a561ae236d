import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { explanationView } from '../../src/api/views/explanation-view';
import { createWorkflowId, explainWorkflowId } from '../../src/temporal';
import type { CreatedVolume } from '../../workflows/create-volume-from-backup';
import { acceptFromBackup, importOf, newProject, poolOf } from '../catalog/arrange';
import { messagesOf } from '../support/clean-slate';
import { fixture } from '../support/fixtures';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { serveHouse } from './support/house-api';
import type { HouseApi } from './support/house-api';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';

/** POST /volumes/rekindle-explain: what a create would do, told without doing it. Ours, not Cinder's. */
type Explanation = ReturnType<typeof explanationView>;

const COMPRESSED = fixture('zlib-c4m-s32k-odd');
const UNCOMPRESSED = fixture('none-c4m-s32k-odd');
const DAMAGED = fixture('bz2-c4m-s32k-sec');
const GIB = 1024 ** 3;

let repository: string;
let house: House;
let api: HouseApi;
beforeAll(async () => {
  repository = mkdtempSync(path.join(tmpdir(), 'rekindle-explained-'));
  for (const { repoRoot } of [COMPRESSED, UNCOMPRESSED, DAMAGED]) cpSync(repoRoot, repository, { recursive: true });
  house = await startHouse({ repository, pools: ['first', 'second'] });
  api = await serveHouse(house);
});
afterAll(async () => {
  api.close();
  await house.stop();
  rmSync(repository, { recursive: true });
});

const ask = (volume: object): Promise<Answer> => api.ask('/volumes/rekindle-explain', { body: { volume } });
async function explain(volume: object): Promise<Explanation> {
  const answer = await ask(volume);
  expect([answer.status, messageOf(answer)]).toEqual([200, undefined]);
  return (answer.body as unknown as { explanation: Explanation }).explanation;
}
const poolName = (pool: string): string => `${house.config.host}@file#${pool}`;
const chosenIn = ({ pools }: Explanation): string | undefined => pools.find(({ chosen }) => chosen)?.name;
const reasonIn = ({ pools }: Explanation, name: string) => pools.find((pool) => pool.name === name)?.reason;

/** What `create` makes of the volume, and what its user is told. */
async function created(volume: { readonly backup_id: string; readonly volume_type?: string }) {
  const volumeId = await house.create({ backupId: volume.backup_id, volumeType: volume.volume_type ?? null });
  const { status, host, name } = await house.settled(volumeId);
  return { volumeId, status, host, name, messages: await messagesOf(house, volumeId) };
}

describe('what it says is what the create then does', () => {
  it.each([
    ['a compressed backup', COMPRESSED],
    ['an uncompressed backup', UNCOMPRESSED],
  ])('for %s: the pool, the path, the bytes, the name; and the next estimate rests upon it', async (_what, chain) => {
    const backup_id = await house.importChain(chain);

    const foretold = await explain({ backup_id });

    expect(foretold).toMatchObject({
      accepted: true,
      outcome: 'available',
      refusal: null,
      backup: { id: backup_id, status: 'available', size: 1, chain_length: 4, readers: 0, locked: false },
      volume: { size: 1, volume_type: '__DEFAULT__', availability_zone: 'nova' },
      estimate_seconds: null,
      estimate_reason: expect.stringMatching(/^no copy of .* objects onto .*@file#.* has been measured yet$/),
    });
    const { volumeId, ...volume } = await created({ backup_id });
    expect(volume).toMatchObject({ status: 'available', host: chosenIn(foretold), name: foretold.volume.name });
    const done = (await house.client.workflow.getHandle(createWorkflowId(volumeId)).result()) as CreatedVolume;
    expect({ path: done.mode, bytes: done.dataBytes, pool: done.poolName }).toEqual({
      path: foretold.path,
      bytes: foretold.bytes_to_write,
      pool: chosenIn(foretold),
    });
    expect(foretold.zero_bytes).toBe(GIB - done.dataBytes);

    await makeRoomAgain(volumeId);
    const next = await explain({ backup_id });
    expect({ pool: chosenIn(next), copies: next.estimate_copies }).toEqual({ pool: done.poolName, copies: 1 });
    const seconds = (done.moveMs + done.verifyMs) / 1000;
    expect(next.estimate_seconds).toBeGreaterThanOrEqual(Math.floor(seconds));
    expect(next.estimate_seconds).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(next.estimate_bytes_per_second).toBeGreaterThan(0);
    expect(next.estimate_reason).toMatch(/^by 1 earlier copy of .* MiB together; a wait for its turn is not counted$/);
  });

  it('reads fewer stored bytes than it writes where they are compressed, and says why they are copied', async () => {
    const { bytes_to_fetch, bytes_to_write, objects, ...rest } = await explain({
      backup_id: await house.importChain(COMPRESSED),
    });
    expect(bytes_to_fetch).toBeGreaterThan(0);
    expect(bytes_to_fetch).toBeLessThan(bytes_to_write!);
    expect(objects).toBeGreaterThan(1);
    expect(rest).toMatchObject({
      path: 'copy',
      path_reason: "the backup's objects are compressed or not on this machine",
      plan_reason: null,
    });
  });

  it('says of an empty volume that nothing is moved', async () => {
    expect(await explain({ size: 2, name: 'empty' })).toMatchObject({
      outcome: 'available',
      backup: null,
      volume: { name: 'empty', size: 2 },
      path: null,
      path_reason: 'no data is moved',
      ...{ objects: 0, bytes_to_fetch: 0, bytes_to_write: 0, zero_bytes: 2 * GIB },
    });
  });

  /** Of two pools the one with more room is taken: without the volume they are equals again. */
  async function makeRoomAgain(volumeId: string): Promise<void> {
    await house.remove(volumeId);
    await house.client.workflow.getHandle(`delete-volume-${volumeId}`).result();
  }
});

describe('of each pool it says', () => {
  it('that it is chosen, or what of all filters speaks against it (S-51, S-52)', async () => {
    await house.catalog.reportPools([
      poolOf({ name: 'far@a#pool', availabilityZone: 'far', totalCapacityGib: 0.5, freeCapacityGib: 0.5 }),
      poolOf({ name: 'down@a#pool', totalCapacityGib: 1e6, freeCapacityGib: 1e6 }),
    ]);
    await house.database.query(
      "update pools set reported_at = reported_at - interval '1 hour' where name = 'down@a#pool'",
    );
    const type = { name: 'files', description: null, isPublic: true };
    const { id } = await house.catalog.createVolumeType({ ...type, extraSpecs: { storage_protocol: 'file' } });

    const explanation = await explain({
      backup_id: await house.importChain(COMPRESSED),
      volume_type: 'files',
    });

    expect(explanation.pools).toHaveLength(4);
    const [chosen, other] = ['first', 'second'].map(poolName) as [string, string];
    expect(explanation.pools).toEqual(
      expect.arrayContaining([
        { name: chosen, chosen: true, reason: null },
        { name: other, chosen: false, reason: `it would do as well, but ${chosen} comes first by name` },
        {
          name: 'down@a#pool',
          chosen: false,
          reason: expect.stringMatching(/^it is down, its last report is 36\d\d s old$/),
        },
        {
          name: 'far@a#pool',
          chosen: false,
          reason:
            "it is in zone 'far', not in 'nova', and it has no capability 'storage_protocol', " +
            'and it has room for 0.5 GiB, not for 1 GiB',
        },
      ]),
    );
    await house.catalog.deleteVolumeType(id);
    await house.database.query("delete from pools where name like '%@a#pool'");
  });

  it('that it refuses, where its driver would, and goes on to the next as the create does (S-25)', async () => {
    const backup_id = await house.importChain(COMPRESSED);
    const volumeIds: string[] = [];
    await withoutFolders(['first'], async () => {
      const explanation = await explain({ backup_id });
      expect(reasonIn(explanation, poolName('first'))).toMatch(/^Pool .*#first has no folder /);
      expect(chosenIn(explanation)).toBe(poolName('second'));
      const { status, host, volumeId } = await created({ backup_id });
      expect([status, host]).toEqual(['available', chosenIn(explanation)]);
      volumeIds.push(volumeId);
    });
    await withoutFolders(['first', 'second'], async () => {
      const explanation = await explain({ backup_id });
      const { status, messages, volumeId } = await created({ backup_id });
      expect(status).toBe('error');
      expect(explanation).toMatchObject({ accepted: true, outcome: 'error', path: null });
      expect([explanation.refusal?.message]).toEqual(messages);
      volumeIds.push(volumeId);
    });
    // What they left where no folder was is looked for until there is one.
    for (const volumeId of volumeIds) await house.closed(volumeId);
  });
});

describe('what would go wrong later, it says in the words of the user message that the create would end with', () => {
  it('where no pool can take the volume (S-50), and still plans what would be moved', async () => {
    const type = { name: 'ceph', description: null, isPublic: true, extraSpecs: { volume_backend_name: 'ceph' } };
    await house.catalog.createVolumeType(type);
    const volume = { backup_id: await house.importChain(UNCOMPRESSED), volume_type: 'ceph' };

    const explanation = await explain(volume);

    const { status, messages } = await created(volume);
    expect(status).toBe('error');
    expect(explanation).toMatchObject({
      accepted: true,
      outcome: 'error',
      refusal: { at_once: false, status_code: null, message: messages[0] },
      path: null,
      path_reason: 'no pool takes the volume',
    });
    expect(explanation.refusal?.message).toContain("its volume_backend_name is 'file', not 'ceph'");
    expect(explanation.bytes_to_write).toBeGreaterThan(0);
  });

  it.each<[string, () => unknown]>([
    ['an object is missing', () => rmSync(objectOf('-00002'))],
    ['the chain is broken', () => house.database.query(ORPHAN, [DAMAGED.links('inc3')[0]!.id])],
  ])('where %s', async (_what, damage) => {
    const backup_id = await house.importChain(DAMAGED);
    await damage();

    const explanation = await explain({ backup_id });

    const { status, messages } = await created({ backup_id });
    expect([status, explanation.outcome, explanation.accepted]).toEqual(['error', 'error', true]);
    expect([explanation.refusal]).toEqual(messages.map((message) => ({ at_once: false, status_code: null, message })));
    expect(explanation).toMatchObject({ objects: null, bytes_to_write: null, estimate_seconds: null });
    expect(explanation.refusal?.message).toContain(explanation.plan_reason);
  });

  const ORPHAN = "update backups set parent_id = 'gone' where id = $1";
  const objectOf = (suffix: string): string => {
    const full = DAMAGED.links('full')[0]!;
    return path.join(repository, full.container!, `${full.serviceMetadata!}${suffix}`);
  };
});

describe('what a create refuses at once', () => {
  it.each<[string, () => Promise<object>]>([
    ['a backup of another project', async () => ({ backup_id: await importedOf({ projectId: newProject() }) })],
    ['a backup that there is not', async () => ({ backup_id: randomUUID() })],
    ['a type that there is not', async () => ({ size: 1, volume_type: 'nope' })],
    ['a size that is none', async () => ({ size: 'x' })],
    ['nothing that a volume could be made from', async () => ({})],
    ['two sources', async () => ({ backup_id: randomUUID(), snapshot_id: randomUUID() })],
  ])('it refuses likewise where nothing can be told: %s', async (_what, arrange) => {
    const body = { volume: await arrange() };
    const [explained, asked] = [await ask(body.volume), await api.ask('/volumes', { body })];
    expect([explained.status, messageOf(explained)]).toEqual([asked.status, messageOf(asked)]);
    expect([400, 404]).toContain(explained.status);
  });

  it.each<[string, () => Promise<object>, number]>([
    ['a size below the backup’s (S-6)', async () => ({ backup_id: await importedOf({ sizeGib: 2 }), size: 1 }), 400],
    ['a zone that there is not (S-7)', async () => ({ size: 1, availability_zone: 'nope' }), 400],
    ['more than the quota (S-12)', async () => beyondQuota({ size: 1 }), 413],
    ['a backup that another volume has locked (S-5)', async () => ({ backup_id: await lockedBackup() }), 400],
  ])('it tells with status and text: %s', async (_what, arrange, status) => {
    const volume = await arrange();
    const explanation = await explain(volume);
    const asked = await api.ask('/volumes', { body: { volume } });
    expect(asked.status).toBe(status);
    expect(explanation).toMatchObject({
      accepted: false,
      outcome: 'refused',
      refusal: { at_once: true, status_code: asked.status, message: messageOf(asked) },
    });
    await house.catalog.resetQuota(PROJECT);
  });

  it('it says that the backup is locked, and by how many', async () => {
    const { backup } = await explain({ backup_id: await lockedBackup() });
    expect(backup).toMatchObject({ status: 'restoring', locked: true, readers: 1 });
  });

  async function beyondQuota(volume: object): Promise<object> {
    await house.catalog.setQuota(PROJECT, { gigabytes: 0 });
    return volume;
  }
  const lockedBackup = async () => (await acceptFromBackup(house.catalog, { projectId: PROJECT })).backupId;
  const importedOf = async (backup: object) =>
    (await house.catalog.importBackup(importOf({ projectId: PROJECT, ...backup }))).id;
});

it('changes nothing: no row, no file, no lock; and an operator reads what was asked and what was answered', async () => {
  const backup_ids = [await house.importChain(COMPRESSED), await house.importChain(UNCOMPRESSED)];
  const before = await everything();

  for (const backup_id of backup_ids) await explain({ backup_id });
  const answer = await ask({ backup_id: backup_ids[0] });

  expect(await everything()).toEqual(before);
  const requestId = answer.headers.get('x-openstack-request-id')!;
  const run = await house.client.workflow.getHandle(explainWorkflowId(requestId)).describe();
  expect([run.type, run.status.name, await run.staticSummary()]).toEqual([
    'explainCreation',
    'COMPLETED',
    `Explain what creating a volume from backup ${backup_ids[0]!.slice(0, 8)} would do`,
  ]);
});

it('says what it can where no worker can plan: the pool, but neither path nor bytes', async () => {
  const backup_id = await house.importChain(COMPRESSED);
  await house.stopWorkers('data');
  const explanation = await explain({ backup_id });
  await house.startWorkers('data');
  const [reason, unplanned] = [
    'nobody took up the plan in time: no worker is there, or all are busy with other plans',
    'the restore could not be planned',
  ];
  expect(explanation).toMatchObject({
    accepted: true,
    outcome: null,
    refusal: null,
    ...{ path: null, path_reason: unplanned, bytes_to_write: null, plan_reason: reason },
    ...{ estimate_seconds: null, estimate_reason: unplanned },
  });
  expect(chosenIn(explanation)).toBeDefined();
});

it('says that a repository is away, and what a create would do then', async () => {
  const backup_id = await house.importChain(COMPRESSED);
  renameSync(repository, `${repository}-away`);
  const explanation = await explain({ backup_id });
  renameSync(`${repository}-away`, repository);
  expect(explanation).toMatchObject({ outcome: null, refusal: null, bytes_to_write: null });
  expect(explanation.plan_reason).toMatch(
    /^it could not be planned now: .* is not there: is it mounted\? A creation would try again for 30 minutes/,
  );
});

/** Pools that have reported, and are gone since. */
async function withoutFolders(pools: readonly string[], work: () => Promise<void>): Promise<void> {
  for (const pool of pools) renameSync(house.poolPath(pool), `${house.poolPath(pool)}-away`);
  try {
    await work();
  } finally {
    for (const pool of pools) renameSync(`${house.poolPath(pool)}-away`, house.poolPath(pool));
  }
}

/** All rows of all tables but the times of reports, and all files of pools and repository. */
async function everything(): Promise<unknown> {
  const tables = await house.database.query(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  );
  const rows: Record<string, unknown> = {};
  for (const { name } of tables as { name: string }[]) {
    rows[name] = await house.database.query(
      `select (to_jsonb(t) - 'reported_at' - 'free_capacity_gib')::text as row from ${name} t order by 1`,
    );
  }
  return { rows, files: [house.poolPath('first'), house.poolPath('second'), repository].flatMap(filesBelow) };
}

function filesBelow(folder: string): unknown[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const { size, mtimeMs } = statSync(path.join(folder, name));
    return { name, size, mtimeMs };
  });
}
