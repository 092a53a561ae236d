import { notExtendable } from '../domain/extension';
import { acceptedInTime } from './acceptance-in-time';
import { validated } from './body';
import type { Reply } from './exchange';
import type { Call } from './route';
import { closedObject, requiredSize } from './schema-words';
import type { VolumeActionParts } from './volume-action';
import { findVisibleVolume } from './volumes';

export const EXTEND = closedObject({ 'os-extend': closedObject({ new_size: requiredSize }) });

/** H-62. Answers once the extension is accepted; whether it may be is the workflow's to judge, on locked rows. */
export async function extendVolume(call: Call, parts: VolumeActionParts): Promise<Reply> {
  const newSizeGib = validated(EXTEND, call.body)['os-extend'].new_size;
  const { catalog, workflows } = parts;
  const { id: volumeId, projectId } = await findVisibleVolume(call, catalog);
  const { requestId } = call;
  const question = {
    what: 'extension' as const,
    ask: (expiresAt: string) => workflows.extend({ volumeId, projectId, requestId, newSizeGib, expiresAt }),
    isOurs: async () => (await catalog.findVolume(volumeId, { projectId }))?.extension?.requestId === requestId,
    underWay: () => notExtendable({ id: volumeId, status: 'extending' }),
  };
  await acceptedInTime(question, parts);
  return { status: 202 };
}
