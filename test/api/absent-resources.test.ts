import { messageOf } from './support/running-api';
import { useApi } from './support/use-api';

/** What Cinder has and this service has not: its clients list it all the same. */
const { ask } = useApi();

const LISTS = [
  ['/snapshots', 'snapshots'],
  ['/snapshots/detail', 'snapshots'],
  ['/os-volume-transfer', 'transfers'],
  ['/os-volume-transfer/detail', 'transfers'],
  ['/volume-transfers', 'transfers'],
  ['/volume-transfers/detail', 'transfers'],
  ['/qos-specs', 'qos_specs'],
  ['/group_types', 'group_types'],
  ['/groups', 'groups'],
  ['/groups/detail', 'groups'],
  ['/group_snapshots/detail', 'group_snapshots'],
  ['/consistencygroups/detail', 'consistencygroups'],
  ['/cgsnapshots/detail', 'cgsnapshots'],
  ['/clusters', 'clusters'],
  ['/manageable_volumes?host=a%40b%23c', 'manageable-volumes'],
  ['/manageable_snapshots/detail', 'manageable-snapshots'],
] as const;

it.each(LISTS)('GET %s lists none (H-89)', async (path, key) => {
  const answer = await ask(path, { version: 71 });
  expect([answer.status, answer.body]).toEqual([200, { [key]: [] }]);
});

it.each([
  ['/clusters', 6],
  ['/manageable_volumes', 7],
  ['/group_types', 10],
  ['/groups', 12],
  ['/group_snapshots', 13],
])('GET %s does not exist at 3.%d, before its microversion (H-5)', async (path, version) => {
  const answer = await ask(path, { version });
  expect([answer.status, messageOf(answer)]).toEqual([404, 'The resource could not be found.']);
});

it.each([
  ['/snapshots/x', 'Snapshot x could not be found.'],
  ['/snapshots/x/metadata', 'Snapshot x could not be found.'],
  ['/os-volume-transfer/x', 'Transfer x could not be found.'],
  ['/volume-transfers/x', 'Transfer x could not be found.'],
  ['/qos-specs/x', 'No such QoS spec x.'],
  ['/group_types/x', 'Group type x could not be found.'],
  ['/groups/x', 'Group x could not be found.'],
  ['/group_snapshots/x', 'GroupSnapshot x could not be found.'],
  ['/consistencygroups/x', 'ConsistencyGroup x could not be found.'],
  ['/cgsnapshots/x', 'CgSnapshot x could not be found.'],
  ['/clusters/x', 'Cluster x could not be found.'],
  ['/snapshots?marker=x', 'Snapshot x could not be found.'],
])('GET %s says in Cinder’s words that there is none (H-32)', async (path, text) => {
  const answer = await ask(path, { version: 71 });
  expect([answer.status, messageOf(answer)]).toEqual([404, text]);
});

it.each([
  ['DELETE', '/snapshots/x', undefined],
  ['PUT', '/snapshots/x', { snapshot: { name: 'n' } }],
  ['POST', '/snapshots/x/action', { 'os-reset_status': { status: 'error' } }],
  ['POST', '/os-volume-transfer/x/accept', { accept: { auth_key: 'k' } }],
  ['PUT', '/qos-specs/x', { qos_specs: { a: 'b' } }],
] as const)('%s %s finds none', async (method, path, body) => {
  expect((await ask(path, { method, body, version: 71 })).status).toBe(404);
});

it.each([
  ['/snapshots', { snapshot: { volume_id: 'v' } }, 'snapshots'],
  ['/os-volume-transfer', { transfer: { volume_id: 'v' } }, 'transfers of volumes'],
  ['/qos-specs', { qos_specs: { name: 'q' } }, 'QoS specs'],
  ['/groups', { group: {} }, 'groups'],
  ['/group_types', { group_type: { name: 'g' } }, 'group types'],
  ['/consistencygroups', { consistencygroup: {} }, 'consistency groups'],
])('POST %s is refused by a 400 that says why', async (path, body, what) => {
  const answer = await ask(path, { body, version: 71 });
  expect([answer.status, messageOf(answer)]).toEqual([400, `Invalid input received: This service knows no ${what}.`]);
});

it('pages of nothing are asked for as any page is (H-51)', async () => {
  expect(messageOf(await ask('/snapshots/detail?limit=x'))).toBe('limit param must be an integer');
  expect((await ask('/snapshots/detail?limit=0')).body).toEqual({ snapshots: [] });
});
