import { accept, poolOf } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

/** Who works, where volumes go, and what that can: `cinder service-list`, `cinder get-pools`. */
const here = useApi();
const { ask } = here;

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];

beforeAll(async () => {
  await here.catalog.reportPools([
    poolOf(),
    poolOf({ name: 'control@endless#pool', totalCapacityGib: Infinity, freeCapacityGib: Infinity }),
    poolOf({ name: 'gone@files#pool' }),
  ]);
  await here.catalog.reportServices([
    { binary: 'cinder-scheduler', host: 'control', availabilityZone: 'nova' },
    { binary: 'cinder-volume', host: 'control@files', availabilityZone: 'nova' },
    { binary: 'cinder-backup', host: 'control', availabilityZone: 'nova' },
    { binary: 'cinder-volume', host: 'gone@files', availabilityZone: 'east' },
  ]);
  await here.api.database.query(
    "update services set reported_at = reported_at - interval '2 min' where host like 'gone%'",
  );
  await here.api.database.query(
    "update pools set reported_at = reported_at - interval '2 min' where name like 'gone%'",
  );
});

describe('services (H-82)', () => {
  const services = async (query = '', version = 0): Promise<unknown> =>
    ((await ask(`/os-services${query}`, { version })).body as unknown as { services: unknown }).services;

  it('are up or down by their last report', async () => {
    const common = { zone: 'nova', status: 'enabled', state: 'up', updated_at: TIME, disabled_reason: null };
    const backend = { replication_status: 'not-capable', active_backend_id: null, frozen: false };
    expect(await services()).toEqual([
      { ...common, binary: 'cinder-backup', host: 'control' },
      { ...common, binary: 'cinder-scheduler', host: 'control' },
      { ...common, ...backend, binary: 'cinder-volume', host: 'control@files' },
      { ...common, ...backend, binary: 'cinder-volume', host: 'gone@files', zone: 'east', state: 'down' },
    ]);
  });

  it('tell more from 3.7 and 3.49 on', async () => {
    const volumes = '?binary=cinder-volume';
    expect(await services(volumes, 7)).toMatchObject([{ cluster: null }, { cluster: null }]);
    expect(await services(volumes, 49)).toMatchObject([{ backend_state: 'up' }, { backend_state: 'down' }]);
  });

  it.each([
    ['?binary=cinder-backup', ['control']],
    ['?host=control', ['control', 'control', 'control@files']],
    ['?host=gone@files&binary=cinder-volume', ['gone@files']],
    ['?host=nobody', []],
  ])('are found by %s', async (query, hosts) => {
    expect(await services(query)).toMatchObject(hosts.map((host) => ({ host })));
  });

  it.each([
    ['enable', { binary: 'cinder-volume', host: 'no' }, 404, 'Service cinder-volume could not be found on host no.'],
    [
      'disable',
      { binary: 'cinder-scheduler', host: 'control' },
      400,
      'Invalid input received: Only backends (cinder-volume) are enabled and disabled here.',
    ],
    ['disable', { host: 'control@files' }, 400, '{} is not valid under any of the given schemas'],
    [
      'disable-log-reason',
      { binary: 'cinder-volume', host: 'control@files' },
      400,
      "'disabled_reason' is a required property",
    ],
    [
      'disable-log-reason',
      { binary: 'cinder-volume', host: 'control@files', disabled_reason: ' ' },
      400,
      'Invalid input received: disabled_reason has 0 characters, minimum of 1 required.',
    ],
    ['freeze', { host: 'control@files' }, 400, 'Invalid input received: This service knows no such switch.'],
    ['nonsense', {}, 404, 'The resource could not be found.'],
  ])('PUT %s answers in Cinder’s way', async (what, body, status, text) => {
    expect(said(await ask(`/os-services/${what}`, { method: 'PUT', body }))).toEqual([status, text]);
  });
});

describe('a backend that is disabled (H-82)', () => {
  const turn = async (what: string, more = {}): Promise<unknown> => {
    const body = { binary: 'cinder-volume', host: 'control@files', ...more };
    const answer = await ask(`/os-services/${what}`, { method: 'PUT', body });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const shown = async (): Promise<unknown> => (await ask('/os-services?host=control@files')).body;
  const pools = async (): Promise<unknown> => (await ask('/scheduler-stats/get_pools')).body;
  afterEach(() => turn('enable'));

  it('says so and why, takes no new volumes, and keeps the switch when it reports', async () => {
    const named = { host: 'control@files', service: '', binary: 'cinder-volume' };
    expect(await turn('disable-log-reason', { disabled_reason: 'new disks' })).toEqual({
      ...{ ...named, status: 'disabled', disabled: true, disabled_reason: 'new disks' },
    });
    await here.catalog.reportServices([{ binary: 'cinder-volume', host: 'control@files', availabilityZone: 'nova' }]);
    expect(await shown()).toMatchObject({ services: [{ status: 'disabled', disabled_reason: 'new disks' }] });
    expect(await pools()).toEqual({ pools: [{ name: 'control@endless#pool' }] });
    expect((await here.catalog.listPools()).find(({ name }) => name === 'control@files#pool')).toMatchObject({
      isDisabled: true,
    });
    expect((await ask('/os-hosts?zone=nova')).body).toMatchObject({
      hosts: expect.arrayContaining([
        expect.objectContaining({ host_name: 'control@files', 'service-state': 'disabled' }),
      ]),
    });

    expect(await turn('enable')).toEqual({ ...named, status: 'enabled', disabled: false });
    expect(await shown()).toMatchObject({ services: [{ status: 'enabled', disabled_reason: null }] });
    expect(await pools()).toMatchObject({ pools: { length: 2 } });
  });

  it('may be so without a reason, and makes its zone unavailable where no other is (H-81)', async () => {
    await turn('disable');
    expect(await shown()).toMatchObject({ services: [{ status: 'disabled', disabled_reason: null }] });
    expect((await ask('/os-availability-zone')).body).toMatchObject({
      availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true } }],
    });
    await here.api.database.query("update pools set availability_zone = 'alone' where name = 'control@files#pool'");
    expect((await ask('/os-availability-zone')).body).toMatchObject({
      availabilityZoneInfo: [{ zoneName: 'alone', zoneState: { available: false } }, { zoneName: 'nova' }],
    });
    await here.api.database.query("update pools set availability_zone = 'nova' where name = 'control@files#pool'");
  });
});

it('a worker that has been silent for a week is forgotten, unless it is a backend that is disabled (H-82)', async () => {
  const old = (host: string) => ({ binary: 'cinder-volume', host, availabilityZone: 'nova' }) as const;
  await here.catalog.reportServices([old('left@files'), old('off@files')]);
  await here.catalog.switchBackend({ host: 'off@files', isDisabled: true, reason: null });
  const age = (days: string) =>
    here.api.database.query(
      `update services set reported_at = clock_timestamp() - interval '${days}' where host in ('left@files', 'off@files')`,
    );
  const hosts = async () => (await here.catalog.listServices()).map(({ host }) => host);
  await age('6 days');
  await here.catalog.reportServices([old('control@files')]);
  expect(await hosts()).toEqual(expect.arrayContaining(['left@files', 'off@files']));
  await age('8 days');
  await here.catalog.reportServices([old('control@files')]);
  expect(await hosts()).not.toContain('left@files');
  expect(await hosts()).toContain('off@files');
});

it('nothing has to be cleaned up by hand after a worker', async () => {
  const answer = await ask('/workers/cleanup', { body: { is_up: 'false' }, version: 24 });
  expect([answer.status, answer.body]).toEqual([202, { cleaning: [], unavailable: [] }]);
});

describe('pools (H-83)', () => {
  const names = async (query = '', version = 71): Promise<unknown> =>
    ((await ask(`/scheduler-stats/get_pools${query}`, { version })).body as unknown as { pools: unknown }).pools;

  it('are those that somebody serves', async () => {
    expect(await names()).toEqual([{ name: 'control@endless#pool' }, { name: 'control@files#pool' }]);
  });

  it('are shown with what they can, by ?detail', async () => {
    await accept(here.catalog, { projectId: here.project });
    expect(await names('?detail=True&name=control@files%23pool')).toEqual([
      {
        name: 'control@files#pool',
        capabilities: {
          volume_backend_name: 'files',
          pool_name: 'pool',
          total_capacity_gb: 100,
          free_capacity_gb: 100,
          allocated_capacity_gb: 0,
          provisioned_capacity_gb: 0,
          reserved_percentage: 0,
          max_over_subscription_ratio: '1',
          thin_provisioning_support: false,
          thick_provisioning_support: true,
          multiattach: false,
          QoS_support: false,
          location_info: null,
          backend_state: 'up',
          availability_zone: 'nova',
          timestamp: TIME,
          updated: TIME,
        },
      },
    ]);
    expect(await names('?detail=True&name=control@endless%23pool')).toMatchObject([
      { capabilities: { total_capacity_gb: 'infinite', free_capacity_gb: 'infinite' } },
    ]);
  });

  it('are found by name from 3.28 on, and by what a volume type demands from 3.35 on (H-54)', async () => {
    await here.catalog.declareVolumeTypes([
      { name: 'none', description: null, isPublic: true, extraSpecs: { volume_backend_name: 'nowhere' } },
    ]);
    expect(await names('?name=nope', 28)).toEqual([]);
    expect(await names('?name=nope', 27)).toHaveLength(2);
    expect(await names('?volume_type=none', 35)).toEqual([]);
    expect(await names('?volume_type=__DEFAULT__', 35)).toHaveLength(2);
    expect(said(await ask('/scheduler-stats/get_pools?volume_type=nope', { version: 35 }))).toEqual([
      404,
      'Volume type nope could not be found.',
    ]);
  });

  it('show the capabilities of their backend', async () => {
    expect((await ask('/capabilities/control@files')).body).toMatchObject({
      namespace: 'OS::Storage::Capabilities::control@files',
      volume_backend_name: 'files',
      pool_name: 'pool',
      properties: { thin_provisioning: { type: 'boolean' } },
    });
    expect(said(await ask('/capabilities/nope@files'))).toEqual([404, "Can't find service: nope@files"]);
  });
});

describe('hosts', () => {
  it('are the services once more', async () => {
    expect((await ask('/os-hosts?zone=east')).body).toEqual({
      hosts: [
        {
          host_name: 'gone@files',
          service: 'cinder-volume',
          zone: 'east',
          'service-status': 'unavailable',
          'service-state': 'enabled',
          'last-update': TIME,
        },
      ],
    });
  });

  it('show what volumes take there, in all and for each project', async () => {
    const { id } = await accept(here.catalog, { projectId: here.project, sizeGib: 3 });
    await here.catalog.placeVolume({ volumeId: id, choose: () => 'control@files#pool' });
    const { host } = (await ask('/os-hosts/control@files')).body as unknown as { host: object[] };
    expect(host).toContainEqual({
      resource: {
        host: 'control@files',
        project: here.project,
        volume_count: '1',
        total_volume_gb: '3',
        snapshot_count: '0',
        total_snapshot_gb: '0',
      },
    });
    expect(host[0]).toMatchObject({ resource: { project: '(total)', volume_count: '1', total_volume_gb: '3' } });
    expect(said(await ask('/os-hosts/nope'))).toEqual([404, 'Host nope could not be found.']);
  });
});
