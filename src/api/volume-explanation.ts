import { randomUUID } from 'node:crypto';
import type { CatalogReader } from '../catalog/catalog';
import type { Explanation } from '../domain/explanation';
import { one } from './contract';
import type { Reply } from './exchange';
import { NEW_VOLUME } from './new-volume';
import { notExplained } from './not-accepted';
import type { Call, Route } from './route';
import { NoAnswer } from '../runs/temporal-answers';
import { EXPLANATION, explanationView } from './views/explanation-view';
import { deadlineIn } from './volume-creation';
import type { VolumeWorkflows } from '../runs/volume-workflows';
import { readWantedVolume } from './volumes';

interface ExplanationParts {
  readonly catalog: CatalogReader;
  readonly workflows: VolumeWorkflows;
  readonly explainTimeoutMs: number;
}

/** Ours, not Cinder's: what the same body sent to `POST /volumes` would do, told without doing it. */
export function explanationRoutes(parts: ExplanationParts): Route[] {
  return [
    {
      method: 'post',
      path: '/volumes/rekindle-explain',
      contract: { body: NEW_VOLUME, gives: { 200: one('explanation', EXPLANATION) } },
      handle: (call) => explain(call, parts),
    },
  ];
}

async function explain(call: Call, parts: ExplanationParts): Promise<Reply> {
  const asked = await readWantedVolume(call, parts.catalog);
  const { projectId, userId } = call.caller;
  const { expiresAt } = await deadlineIn(parts.explainTimeoutMs, parts.catalog);
  const volume = { volumeId: randomUUID(), projectId, userId, requestId: call.requestId, expiresAt };
  return { status: 200, body: { explanation: explanationView(await inTime({ ...asked, ...volume }, parts)) } };
}

/** @throws Problem 503 */
async function inTime(
  request: Parameters<VolumeWorkflows['explain']>[0],
  { workflows, explainTimeoutMs }: ExplanationParts,
): Promise<Explanation> {
  try {
    return await workflows.explain(request, explainTimeoutMs);
  } catch (error) {
    throw error instanceof NoAnswer ? notExplained(error) : error;
  }
}
