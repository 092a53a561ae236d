import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { DemoChain } from './repository';

const volumeBody = z.object({ volume: z.object({ id: z.string(), status: z.string() }) });

/** The API as a client of Cinder uses it, with `noauth`. */
export interface Cinder {
  importChain(chain: DemoChain): Promise<void>;
  /** Answers the id of the volume as soon as the request is accepted. */
  createVolume(volume: { readonly name: string; readonly size?: number; readonly backup_id?: string }): Promise<string>;
  /** Polls until the volume is no longer `creating`. */
  awaitCreated(volumeId: string, everyMs: number): Promise<string>;
}

export const PROJECT = 'd0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0';

export function cinderAt(apiUrl: string): Cinder {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${apiUrl}/v3/${PROJECT}${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        'X-Auth-Token': `demo:${PROJECT}`,
        'OpenStack-API-Version': 'volume 3.47',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const statusOf = async (id: string): Promise<string> => {
    const { volume } = volumeBody.parse(await call('GET', `/volumes/${id}`));
    return volume.status;
  };
  return {
    importChain: async ({ records }) => {
      for (const record of records) await call('POST', '/backups/import_record', record);
    },
    createVolume: async (volume) => {
      const answer = await call('POST', '/volumes', { volume });
      return volumeBody.parse(answer).volume.id;
    },
    awaitCreated: async (volumeId, everyMs) => {
      for (;;) {
        const status = await statusOf(volumeId);
        if (status !== 'creating') return status;
        await sleep(everyMs);
      }
    },
  };
}
