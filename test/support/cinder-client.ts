import type { Fixture, Label } from './fixtures';
import { LABELS } from './fixtures';
import { eventually } from './eventually';
import { PROJECT } from './house';

export interface ShownVolume {
  readonly id: string;
  readonly status: string;
}

/** What a user of Cinder does, over HTTP. */
export interface CinderClient {
  importChain(chain: Fixture, label: Label): Promise<void>;
  /** Answers the volume's id once the request is accepted. */
  createVolume(backupId: string): Promise<string>;
  /** The volume's status once it is no longer `creating`. */
  settled(volumeId: string): Promise<string>;
  listVolumes(): Promise<readonly ShownVolume[]>;
  /** Id and status. */
  listBackups(): Promise<readonly ShownVolume[]>;
  /** Who works, and whether he is up, as `binary host state`. */
  listServices(): Promise<readonly string[]>;
}

const ANYBODY: Login = { project: PROJECT, token: `tester:${PROJECT}` };

export interface Login {
  readonly project: string;
  readonly token: string;
}

/** A client of the API at this address, with `noauth` unless it has logged in. */
export function cinderClient(apiUrl: string, { project, token }: Login = ANYBODY): CinderClient {
  const call = async <Answer>(method: string, resource: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${apiUrl}/v3/${project}${resource}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        'X-Auth-Token': token,
        'OpenStack-API-Version': 'volume 3.47',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${resource} was answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  };
  return {
    importChain: async (chain, label) => {
      for (const one of LABELS.slice(0, LABELS.indexOf(label) + 1)) {
        await call('POST', '/backups/import_record', chain.record(one));
      }
    },
    createVolume: async (backupId) => {
      const { volume } = await call<{ volume: ShownVolume }>('POST', '/volumes', { volume: { backup_id: backupId } });
      return volume.id;
    },
    settled: (volumeId) =>
      eventually(async () => {
        const { volume } = await call<{ volume: ShownVolume }>('GET', `/volumes/${volumeId}`);
        return volume.status === 'creating' ? null : volume.status;
      }, 90_000),
    listVolumes: async () => {
      const { volumes } = await call<{ volumes: ShownVolume[] }>('GET', '/volumes/detail');
      return volumes.map(({ id, status }) => ({ id, status }));
    },
    listBackups: async () => {
      const { backups } = await call<{ backups: ShownVolume[] }>('GET', '/backups/detail');
      return backups.map(({ id, status }) => ({ id, status }));
    },
    listServices: async () => {
      const { services } = await call<{ services: { binary: string; host: string; state: string }[] }>(
        'GET',
        '/os-services',
      );
      return services.map(({ binary, host, state }) => `${binary} ${host} ${state}`);
    },
  };
}
