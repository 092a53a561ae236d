import { randomUUID } from 'node:crypto';
import {
  createWorkflowId,
  deleteBackupWorkflowId,
  deleteWorkflowId,
  extendWorkflowId,
  restoreWorkflowId,
} from '../../src/temporal';
import { ask, expiryOf, workflowsOf } from './subject';
import type { Asked, Subject } from './subject';

export async function create(subject: Subject): Promise<Asked> {
  return createAny(subject, subject.backupId);
}

export async function createEmpty(subject: Subject): Promise<Asked> {
  return createAny(subject, null);
}

async function createAny(subject: Subject, backupId: string | null): Promise<Asked> {
  subject.workflowIds.add(createWorkflowId(subject.volumeId));
  const { volumeId, projectId, requestId } = subject;
  return ask(
    workflowsOf(subject).create({
      volumeId,
      backupId,
      projectId,
      requestId,
      userId: 'tester',
      sizeGib: 1,
      name: null,
      description: null,
      volumeType: null,
      availabilityZone: subject.zone,
      metadata: {},
      readBack: false,
      expiresAt: await expiryOf(subject),
    }),
  );
}

export async function restore(subject: Subject): Promise<Asked> {
  subject.workflowIds.add(restoreWorkflowId(subject.volumeId));
  const { volumeId, backupId, projectId, requestId } = subject;
  const expiresAt = await expiryOf(subject);
  return ask(workflowsOf(subject).restore({ volumeId, backupId, projectId, requestId, expiresAt }));
}

export async function extend(subject: Subject, newSizeGib: number): Promise<Asked> {
  subject.workflowIds.add(extendWorkflowId(subject.volumeId));
  const { volumeId, projectId, requestId } = subject;
  const expiresAt = await expiryOf(subject);
  return ask(workflowsOf(subject).extend({ volumeId, newSizeGib, projectId, requestId, expiresAt }));
}

export async function remove(subject: Subject): Promise<Asked> {
  subject.workflowIds.add(deleteWorkflowId(subject.volumeId));
  const { volumeId, projectId } = subject;
  return ask(workflowsOf(subject).remove({ volumeId, projectId, requestId: `req-${randomUUID()}` }));
}

export async function removeBackup(subject: Subject): Promise<Asked> {
  subject.workflowIds.add(deleteBackupWorkflowId(subject.backupId));
  const { backupId, projectId } = subject;
  const requestId = `req-${randomUUID()}`;
  return ask(workflowsOf(subject).removeBackup({ backupId, projectId, requestId, force: false }));
}

/** Returns when the run has ended, however. */
export async function ended({ world }: Subject, workflowId: string): Promise<void> {
  await world.house.client.workflow
    .getHandle(workflowId)
    .result()
    .catch(() => undefined);
}
