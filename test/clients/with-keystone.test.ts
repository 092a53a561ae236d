import { INSTALL_TIMEOUT_MS } from '../support/clients-venv';
import { cinderclientFlows } from './cinderclient';
import { cinderclientAdminFlows } from './cinderclient-admin';
import { gophercloudFlows } from './gophercloud';
import type { KeystoneLab } from './keystone-lab';
import { startKeystoneLab } from './keystone-lab';
import { openstackclientFlows } from './openstackclient';
import { openstacksdkFlows } from './openstacksdk';
import { tempestFlows } from './tempest';

/** Cinder's clients, unmodified, against the whole service and a real Keystone; started once for all of them. */
let lab: KeystoneLab;
beforeAll(async () => {
  lab = await startKeystoneLab();
}, INSTALL_TIMEOUT_MS);
afterAll(() => lab.stop());

cinderclientFlows(() => lab);
cinderclientAdminFlows(() => lab);
openstackclientFlows(() => lab);
openstacksdkFlows(() => lab);
gophercloudFlows(() => lab);
tempestFlows(() => lab);
