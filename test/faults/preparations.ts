import { randomBytes, randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createWorkflowId } from '../../src/temporal';
import { givenUp } from './injector';
import { create, createEmpty, ended } from './requests';
import { importBackup } from './subject';
import type { Content, Subject } from './subject';
import { DATA_BYTES, sha256 } from './world';

const KIB = 1024;
/** Behind the backup's end, in a volume that was in use. */
const REST_BYTES = 64 * KIB;

/** An empty volume. */
export const EMPTY: Content = { sha256: sha256(Buffer.alloc(REST_BYTES)), bytes: REST_BYTES, sizeGib: 1 };

export async function restorable(subject: Subject, chain: 'zlib' | 'none' | 'damaged'): Promise<void> {
  const { links, image } = subject.world.chains[chain];
  await importBackup(subject, links);
  subject.after = contentOf(subject, image);
}

export async function restorableOfItsOwn(subject: Subject, codec: 'zlib' | 'none'): Promise<void> {
  const { links, image } = ownChain(subject, codec);
  await importBackup(subject, links);
  subject.after = contentOf(subject, image);
}

/** Of a volume that this is restored to: what it held behind the backup's end stays. */
function contentOf({ before }: Subject, image: Buffer): Content {
  const rest = before ? REST : Buffer.alloc(REST_BYTES);
  return { sha256: sha256(Buffer.concat([image, rest])), bytes: DATA_BYTES + REST_BYTES, sizeGib: 1 };
}

/** Of a backup whose objects nobody else reads. */
export function ownChain(subject: Subject, codec: 'zlib' | 'none' = 'zlib') {
  const chain = subject.world.newChain(codec);
  subject.faults.object = chain.pathOf(chain.links[0]!, '-00001');
  return chain;
}

const REST = randomBytes(REST_BYTES);
const USED = Buffer.concat([randomBytes(DATA_BYTES), REST]);

/** An available volume of 1 GiB that somebody has used. */
export async function usedVolume(subject: Subject): Promise<void> {
  await availableVolume(subject);
  const handle = await open(subject.file, 'r+');
  await handle.write(USED, 0, USED.length, 0);
  await handle.close();
  subject.before = { sha256: sha256(USED), bytes: USED.length, sizeGib: 1 };
  subject.requestId = `req-${randomUUID()}`;
}

async function availableVolume(subject: Subject): Promise<void> {
  await createEmpty(subject);
  await ended(subject, createWorkflowId(subject.volumeId));
  const status = await statusOf(subject);
  if (status !== 'available') throw new Error(`The volume that the case needs is ${status}`);
}

export async function extensible(subject: Subject): Promise<void> {
  await usedVolume(subject);
  subject.after = { ...subject.before!, sizeGib: 2 };
}

/** The copy gives up, the first time. */
export function giveUp(subject: Subject): void {
  subject.faults.beforeStep('createVolumeFromBackup', 'restoreBackup', async () => {
    throw givenUp();
  });
}

/** A create whose copy goes on until it is cancelled. */
export async function heldCreate(subject: Subject): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    subject.faults.holdUntilCancelled('createVolumeFromBackup', 'restoreBackup', resolve);
  });
  await create(subject);
  await reached;
}

export function desertedPool({ volumeId }: Subject): string {
  return `gone@${volumeId}#pool`;
}

/** A pool in a zone of its own, whose worker has just died: it has reported, and serves no queue. */
export async function deserted(subject: Subject): Promise<void> {
  const { catalog } = subject.world;
  const [pool] = await catalog.listPools();
  subject.zone = subject.volumeId;
  await catalog.reportPools([{ ...pool!, name: desertedPool(subject), availabilityZone: subject.zone }]);
}

export async function statusOf({ world, volumeId }: Subject): Promise<string | undefined> {
  return (await world.catalog.findVolume(volumeId, 'all-projects'))?.status;
}
