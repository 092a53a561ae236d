import { freePort } from '../../src/local/free-port';
import { cinderClient } from '../support/cinder-client';
import type { ClientLab } from '../support/client-lab';
import { startClientLab } from '../support/client-lab';
import { clientsOf, jsonOf, propertiesOf, rowsOf } from '../support/clients';
import { INSTALL_TIMEOUT_MS } from '../support/clients-venv';
import { PROJECT } from '../support/house';

/** The main flow without a Keystone, as the README has it. */
let lab: ClientLab;
let backupId: string;
beforeAll(async () => {
  lab = await startClientLab({ port: await freePort(), auth: { type: 'noauth' } });
  await cinderClient(lab.apiUrl).importChain(lab.chain, 'full');
  backupId = lab.chain.links('full')[0]!.id;
}, INSTALL_TIMEOUT_MS);
afterAll(() => lab.stop());

it('cinder imports a record, and creates a volume from the backup (H-23, H-155)', async () => {
  const admin = await clientsOf({
    OS_AUTH_TYPE: 'noauth',
    CINDER_ENDPOINT: `${lab.apiUrl}/v3`,
    OS_USER_ID: 'admin',
    OS_PROJECT_ID: PROJECT,
  });
  const { backup_service, backup_url } = lab.chain.record('inc1')['backup-record'];
  const imported = propertiesOf(await admin.cinder('backup-import', backup_service, backup_url));
  expect(imported).toMatchObject({ id: lab.chain.links('inc1')[0]!.id });

  const created = propertiesOf(await admin.cinder('create', '--backup-id', imported['id']!, '--name', 'c', '--poll'));
  expect(created).toMatchObject({
    status: 'available',
    'os-vol-host-attr:host': expect.stringMatching(/@file#default$/),
  });
  expect(rowsOf(await admin.cinder('list'))).toContainEqual(
    expect.objectContaining({ Name: 'c', Status: 'available' }),
  );
});

it('openstack and the SDK create one with a token and an endpoint (H-156, H-157)', async () => {
  const admin = await clientsOf({
    OS_AUTH_TYPE: 'admin_token',
    OS_TOKEN: `admin:${PROJECT}`,
    OS_ENDPOINT: `${lab.apiUrl}/v3/${PROJECT}`,
  });
  const create = await admin.openstack('volume', 'create', '--backup', backupId, '--bootable', 'o', '-f', 'json');
  expect(jsonOf(create)).toMatchObject({ name: 'o', backup_id: backupId });
  const shown = jsonOf(await admin.openstack('volume', 'show', 'o', '-f', 'json'));
  expect(shown).toMatchObject({ status: 'available', bootable: true });
  expect(await admin.sdk('create', { name: 's', backup: backupId })).toMatchObject({ status: 'available' });
});
