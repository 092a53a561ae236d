import { freePort } from '../../src/local/free-port';
import { cinderClient } from '../support/cinder-client';
import { startClientLab } from '../support/client-lab';
import { clientsOf, propertiesOf } from '../support/clients';
import type { Clients } from '../support/clients';
import { eventually } from '../support/eventually';
import type { Fixture, Label } from '../support/fixtures';
import { startKeystone } from '../support/keystone';
import type { Keystone } from '../support/keystone';

/** The service and its clients, who log in at a real Keystone and find everything in its catalog. */
export interface KeystoneLab {
  readonly keystone: Keystone;
  readonly apiUrl: string;
  readonly chain: Fixture;
  /** Admin, member and reader of one project, whose the backups are; a member of another one; and somebody whose token is none. */
  readonly adam: Clients;
  readonly mary: Clients;
  readonly rita: Clients;
  readonly bert: Clients;
  readonly stranger: Clients;
  backupId(label: Label): string;
  backupName(label: Label): string;
  /** Waits until a volume that is being deleted is no more. */
  gone(user: Clients, volumeId: string): Promise<void>;
  /** Returns once the user sees that the volume, by name or id, is available. */
  available(user: Clients, volume: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startKeystoneLab(): Promise<KeystoneLab> {
  const port = await freePort();
  // H-26: cinderclient looks for the first, the others for the second.
  const endpoint = `http://127.0.0.1:${port}/v3/$(project_id)s`;
  const keystone = await startKeystone({ endpoints: { volumev3: endpoint, 'block-storage': endpoint } });
  const { url, projects, password } = keystone;
  const service = await startClientLab({
    port,
    // On a busy machine this one Keystone may keep somebody waiting.
    auth: { type: 'keystone', url, username: 'cinder', timeoutMs: 30_000 },
    env: { REKINDLE_KEYSTONE_PASSWORD: password },
  });
  const { apiUrl, chain } = service;
  await cinderClient(apiUrl, {
    project: projects.alpha,
    token: await keystone.token('adam', 'alpha'),
  }).importChain(chain, 'inc3');
  const token = { OS_AUTH_TYPE: 'admin_token', OS_TOKEN: 'garbage', OS_ENDPOINT: `${apiUrl}/v3/${projects.alpha}` };
  return {
    keystone,
    apiUrl,
    chain,
    adam: await clientsOf(keystone.environment('adam', 'alpha')),
    mary: await clientsOf(keystone.environment('mary', 'alpha')),
    rita: await clientsOf(keystone.environment('rita', 'alpha')),
    bert: await clientsOf(keystone.environment('bert', 'beta')),
    stranger: await clientsOf(token),
    backupId: (label) => chain.links(label)[0]!.id,
    backupName: (label) => String(chain.decodedRecord(label)['display_name']),
    gone: async (user, volumeId) => {
      await eventually(async () => ((await user.cinder('show', volumeId)).code === 1 ? true : null));
    },
    available: async (user, volume) => {
      await eventually(async () =>
        propertiesOf(await user.cinder('show', volume))['status'] === 'available' ? true : null,
      );
    },
    stop: async () => {
      await service.stop();
      await keystone.stop();
    },
  };
}
