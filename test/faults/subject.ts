import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { NoAnswer } from '../../src/runs/temporal-answers';
import { temporalWorkflows } from '../../src/runs/volume-workflows';
import type { VolumeWorkflows } from '../../src/runs/volume-workflows';
import type { BackupLink } from '../../src/domain/backup';
import { Refusal } from '../../src/domain/errors';
import type { CaseFaults } from './injector';
import type { World } from './world';

/** What a volume holds, as far as the case is concerned. */
export interface Content {
  /** SHA-256 of so many of its first bytes. */
  readonly sha256: string;
  readonly bytes: number;
  readonly sizeGib: number;
}

/** What came of asking, as the API's caller sees it. */
export type Asked =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** A 503: it isn't known. */
  | { readonly kind: 'unknown' };

/** Who a case is about: a volume, a backup and a project of its own. */
export interface Subject {
  readonly world: World;
  readonly faults: CaseFaults;
  readonly projectId: string;
  readonly volumeId: string;
  readonly backupId: string;
  /** Of the request that the case is about: messages are filed under it. */
  requestId: string;
  /** Ids of the workflows that were asked for. */
  readonly workflowIds: Set<string>;
  /** How long the caller waits for an answer. */
  readonly patienceMs: number;
  readonly file: string;
  /** What the volume held before, if it was there; and what it holds when all went well. */
  before: Content | null;
  after: Content | null;
  /** Null: wherever there is room. */
  zone: string | null;
  /** What the backup is when nobody reads it. */
  backupStatus: string;
  /** Whether what lies under its path isn't its own any more. */
  isSomebodyElses: boolean;
  /** Messages that the user had been told before. */
  messagesBefore: number;
}

export function newSubject(world: World, patienceMs: number): Subject {
  const [volumeId, backupId] = [randomUUID(), randomUUID()];
  return {
    world,
    faults: world.injector.add([volumeId, backupId]),
    projectId: randomUUID().replaceAll('-', ''),
    volumeId,
    backupId,
    requestId: `req-${volumeId}`,
    workflowIds: new Set(),
    patienceMs,
    file: path.join(world.house.poolPath(), `volume-${volumeId}`),
    before: null,
    after: null,
    zone: null,
    backupStatus: 'available',
    isSomebodyElses: false,
    messagesBefore: 0,
  };
}

/** As the API asks. */
export function workflowsOf({ world, patienceMs }: Pick<Subject, 'world' | 'patienceMs'>): VolumeWorkflows {
  return temporalWorkflows(world.house.client, patienceMs);
}

/** In the words of the API: 202, 4xx, or 503. */
export async function ask(asking: Promise<void>): Promise<Asked> {
  try {
    await asking;
    return { kind: 'accepted' };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', refusal: error };
    if (error instanceof NoAnswer) return { kind: 'unknown' };
    throw error;
  }
}

export async function expiryOf({ world, patienceMs }: Subject): Promise<string> {
  return new Date((await world.catalog.now()).getTime() + patienceMs).toISOString();
}

/** Has the case's own backup recorded: with the objects of this chain. */
export async function importBackup(subject: Subject, links: readonly BackupLink[]): Promise<void> {
  const [leaf, ...parents] = links;
  for (const link of [...[...parents].reverse(), { ...leaf!, id: subject.backupId }]) {
    const { world, projectId } = subject;
    if (await world.catalog.findBackup(link.id, 'all-projects')) continue;
    const record = { name: null, description: null, snapshotId: null, availabilityZone: null, host: null };
    await world.catalog
      .importBackup({
        ...link,
        ...record,
        projectId: link.id === subject.backupId ? projectId : 'parents',
        userId: 'tester',
        encryptionKeyId: null,
        metadata: {},
        dataTimestamp: null,
        createdAt: new Date(),
      })
      .catch((error: unknown) => {
        // Another case was faster with a parent that they share.
        if (link.id === subject.backupId) throw error;
      });
  }
}
