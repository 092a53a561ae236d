import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { OneMachine } from '../processes/one-machine';
import { createWorkflowId, workflowUrl } from '../temporal';
import { hashVolume } from './check';
import { cinderAt } from './cinder';
import type { Cinder } from './cinder';
import { showProgress } from './progress';
import { unpackChain } from './repository';
import type { DemoChain } from './repository';

interface Act {
  readonly fixture: string;
  readonly title: string;
}

/** Genuine chains of four links each, written by Cinder's posix driver; the last incremental is restored. */
const ACTS: readonly Act[] = [
  { fixture: 'zlib-c4m-s32k-odd', title: 'a small one (24 MiB, zlib)' },
  { fixture: 'zlib-c64m-1gib', title: 'a bigger one (1 GiB, zlib), by a raw volume and a restore' },
  { fixture: 'none-c32m-1gib', title: "an uncompressed one (1 GiB), by the volume driver's own way" },
];

const resultOfRun = z.object({ mode: z.string(), location: z.string(), moveMs: z.number(), verifyMs: z.number() });

export interface Demo {
  readonly machine: OneMachine;
  readonly client: Client;
  readonly say: (line: string) => void;
}

/** Restores one backup after the other in front of the audience. True if every byte was right. */
export async function runDemo({ machine, client, say }: Demo): Promise<boolean> {
  const { dataDir, repositories } = machine.config;
  const repository = repositories[0]?.path ?? join(dataDir, 'backups');
  const cinder = cinderAt(machine.apiUrl);
  // The first request of all finds everything cold; it should not be the one that is timed.
  const empty = await cinder.createVolume({ name: 'demo empty', size: 1 });
  say(`\nan empty volume: ${await cinder.awaitCreated(empty, 10)}`);
  let right = true;
  for (const { fixture, title } of ACTS) {
    const chain = await unpackChain(fixture, join(dataDir, 'fixtures'), repository);
    await cinder.importChain(chain);
    say(`\n${title}: ${chain.links} links imported, restoring the last (${chain.lastBackupId})`);
    right = (await restore({ machine, client, say }, cinder, chain)) && right;
  }
  return right;
}

async function restore({ machine, client, say }: Demo, cinder: Cinder, chain: DemoChain): Promise<boolean> {
  const startedAt = performance.now();
  const volumeId = await cinder.createVolume({ name: `demo ${chain.name}`, backup_id: chain.lastBackupId });
  const acceptedMs = performance.now() - startedAt;
  const created = cinder
    .awaitCreated(volumeId, 10)
    .then((status) => ({ status, tookMs: performance.now() - startedAt }));
  await showProgress(client, volumeId, created);
  const { status, tookMs } = await created;

  const { uiUrl, config } = machine;
  say(`  volume   ${volumeId}: ${status}`);
  say(`  time     accepted after ${acceptedMs.toFixed(0)} ms, ${status} after ${tookMs.toFixed(0)} ms`);
  if (uiUrl) say(`  workflow ${workflowUrl(uiUrl, config.temporal.namespace, createWorkflowId(volumeId))}`);
  if (status !== 'available') return false;

  const result: unknown = await client.workflow.getHandle(createWorkflowId(volumeId)).result();
  const { mode, location, moveMs, verifyMs } = resultOfRun.parse(result);
  const found = await hashVolume(location, chain.volumeBytes);
  say(
    mode === 'native'
      ? `  way      the driver's own: cloned in ${moveMs} ms (copy_file_range), verified in ${verifyMs} ms`
      : `  way      a raw volume and a restore: copied and verified in ${moveMs} ms`,
  );
  say(`  data     ${location}`);
  say(`  SHA-256  expected ${chain.contentSha256}`);
  say(`           found    ${found}  ${found === chain.contentSha256 ? 'right' : 'WRONG'}`);
  return found === chain.contentSha256;
}
