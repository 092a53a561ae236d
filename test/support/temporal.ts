import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { TemporalTarget } from '../../src/temporal';
import { connectClient } from '../../src/temporal';

/** The development server that the suite started (or that the developer named), and the namespace of this worker of jest. */
export function suiteTemporal(): TemporalTarget {
  return {
    address: required('REKINDLE_TEST_TEMPORAL_ADDRESS'),
    namespace: `${required('REKINDLE_TEST_TEMPORAL_NAMESPACE')}-${required('JEST_WORKER_ID')}`,
  };
}

/** Close it in `afterAll`: `client.connection.close()`. */
export async function suiteClient(): Promise<Client> {
  return connectClient(suiteTemporal());
}

/** Path of the workflows' bundle: `Worker.create({ workflowBundle: { codePath: suiteWorkflowBundle() } })`. */
export function suiteWorkflowBundle(): string {
  return required('REKINDLE_TEST_WORKFLOW_BUNDLE');
}

/** All test files share one server: queues and ids must not meet. */
export function unique(name: string): string {
  return `${name}-${randomUUID()}`;
}

function required(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: jest's globalSetup sets it`);
  return value;
}
