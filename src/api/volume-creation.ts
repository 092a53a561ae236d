import { setTimeout as delay } from 'node:timers/promises';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { CreateVolumeRequest } from '../domain/create-request';
import type { Volume } from '../domain/volume';
import { createOnce } from './idempotent-creation';
import type { NewVolume } from './new-volume';
import { notAccepted } from './not-accepted';
import { notFound } from './problems';
import type { Call } from './route';
import { NoAnswer } from '../runs/temporal-answers';
import type { VolumeWorkflows } from '../runs/volume-workflows';

interface CreationParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly workflows: VolumeWorkflows;
  readonly acceptTimeoutMs: number;
}

/** An acceptance that began in time may still be under way when the request expires; not longer than this. */
const GRACE_MS = 2_000;

export interface Deadline {
  readonly expiresAt: string;
  /** From then on a request that wasn't accepted has expired, so that the catalog's word is final. */
  readonly settled: () => Promise<void>;
}

/** Until when a request may be accepted. */
export async function deadlineIn(acceptTimeoutMs: number, catalog: CatalogReader): Promise<Deadline> {
  const settledAt = performance.now() + acceptTimeoutMs + GRACE_MS;
  // The expiry is compared with the database's clock, so it is made with that.
  const expiresAt = new Date((await catalog.now()).getTime() + acceptTimeoutMs).toISOString();
  return { expiresAt, settled: () => delay(Math.max(0, settledAt - performance.now())) };
}

/** Has the volume made, once for each Idempotency-Key, and answers with its row once the request is accepted. */
export function createVolume(call: Call, asked: NewVolume, parts: CreationParts): Promise<Volume> {
  const { catalog } = parts;
  return createOnce(call, { asked, catalog, create: (volumeId) => createAs(volumeId, { call, asked, parts }) });
}

interface Creation {
  readonly call: Call;
  readonly asked: NewVolume;
  readonly parts: CreationParts;
}

/** @throws Refusal; Problem 503 when it is certain that the request wasn't accepted and never will be */
async function createAs(volumeId: string, { call, asked, parts }: Creation): Promise<Volume> {
  const { catalog, workflows, acceptTimeoutMs } = parts;
  const { projectId, userId } = call.caller;
  const { expiresAt, settled } = await deadlineIn(acceptTimeoutMs, catalog);
  const request: CreateVolumeRequest = { ...asked, volumeId, projectId, userId, requestId: call.requestId, expiresAt };
  const silence = await silenceOf(workflows.create(request));
  if (silence) await settled();
  const volume = await catalog.findVolume(volumeId, { projectId });
  if (volume) return volume;
  throw silence ? notAccepted('create', silence) : notFound('Volume', volumeId);
}

/** null when the request was accepted. */
export async function silenceOf(accepted: Promise<void>): Promise<NoAnswer | null> {
  try {
    await accepted;
    return null;
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    throw error;
  }
}
