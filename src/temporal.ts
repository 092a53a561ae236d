import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';

/** Workflows and the activities that only touch the catalog: any control worker. */
export const CONTROL_QUEUE = 'rekindle-control';

/** Short calls of a volume driver, by a worker that reaches the backend (`host@backend`). */
export function poolQueue(backend: string): string {
  return `rekindle-pool:${backend}`;
}

/** Copies onto a pool (`host@backend#pool`): apart from the short calls, which must not wait behind hours of copying. */
export function copyQueue(poolName: string): string {
  return `rekindle-copy:${poolName}`;
}

/** Plans of copies onto a backend (`host@backend`), for who only asks: nothing that moves data waits behind them. */
export function planQueue(backend: string): string {
  return `rekindle-plan:${backend}`;
}

/** Work in the repositories of backups: any data worker, each of which reaches them. */
export const REPOSITORY_QUEUE = 'rekindle-repository';

export function createWorkflowId(volumeId: string): string {
  return `create-volume-${volumeId}`;
}

/** Of the request that asks: its caller and our log name it so. */
export function explainWorkflowId(requestId: string): string {
  return `explain-volume-${requestId}`;
}

export function restoreWorkflowId(volumeId: string): string {
  return `restore-volume-${volumeId}`;
}

export function extendWorkflowId(volumeId: string): string {
  return `extend-volume-${volumeId}`;
}

export function deleteWorkflowId(volumeId: string): string {
  return `delete-volume-${volumeId}`;
}

export function deleteBackupWorkflowId(backupId: string): string {
  return `delete-backup-${backupId}`;
}

/** The page of the workflow's newest run in Temporal's UI. */
export function workflowUrl(uiUrl: string, namespace: string, workflowId: string): string {
  const base = uiUrl.replace(/\/+$/, '');
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

export interface TemporalTarget {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly namespace: string;
}

/**
 * The client of the API and of starters. Close it by `client.connection.close()`.
 * @throws Error if nothing answers at the address, or if it has no such namespace
 */
export async function connectClient(target: TemporalTarget, timeoutMs = 10_000): Promise<Client> {
  const connection = await answered(target, Connection.connect({ address: target.address, connectTimeout: timeoutMs }));
  try {
    await requireNamespace(connection, target);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return new Client({ connection, namespace: target.namespace });
}

/**
 * The connection of workers.
 * @throws Error if nothing answers at the address
 */
export async function connectNative(target: TemporalTarget): Promise<NativeConnection> {
  // Loaded here and not above: the API, which imports this file too, has no use for the SDK's native core.
  const worker = await import('@temporalio/worker');
  return answered(target, worker.NativeConnection.connect({ address: target.address }));
}

/** temporal/api/enums/v1/common.proto, IndexedValueType */
const INDEXED_VALUE_TYPES = {
  TEXT: 1,
  KEYWORD: 2,
  INT: 3,
  DOUBLE: 4,
  BOOL: 5,
  DATETIME: 6,
  KEYWORD_LIST: 7,
} as const satisfies Record<SearchAttributeType, number>;

/**
 * Makes sure that a namespace has the search attributes that the workflows write; without them their tasks would fail for
 * ever (BAD_SEARCH_ATTRIBUTES). Registers those it lacks and waits until the server lists them. Idempotent; for the
 * development server, whose flag is ignored on an existing file, and as the start-up check of production workers.
 * @throws Error if an attribute exists with another type, or isn't there in time
 */
export async function registerSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
  timeoutMs = 60_000,
): Promise<void> {
  const missing = await missingAttributes(connection, namespace);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  const deadline = performance.now() + timeoutMs;
  // A production server reads its cache of attributes again once a minute (common/searchattribute/manager.go).
  while ((await missingAttributes(connection, namespace)).length > 0) {
    if (performance.now() > deadline) {
      const names = missing.map(({ name }) => name).join(', ');
      throw new Error(`Temporal does not list the search attributes ${names} of namespace ${namespace} yet`);
    }
    await sleep(50);
  }
}

async function missingAttributes(connection: ConnectionLike, namespace: string) {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTES.filter(({ name, type }) => {
    const found = customAttributes[name];
    if (found && found.valueOf() !== INDEXED_VALUE_TYPES[type]) {
      throw new Error(
        `Search attribute ${name} of namespace ${namespace} exists, but not as ${type}; remove it there first`,
      );
    }
    return !found;
  });
}

async function requireNamespace(connection: Connection, target: TemporalTarget): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace: target.namespace });
  } catch (cause) {
    // gRPC status 5 is NOT_FOUND.
    const absent = isGrpcServiceError(cause) && cause.code.valueOf() === 5;
    const what = absent ? 'has no namespace' : 'did not tell about namespace';
    throw new Error(`Temporal at ${target.address} ${what} "${target.namespace}"`, { cause });
  }
}

async function answered<T>(target: TemporalTarget, connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (cause) {
    const hint = 'Start one with "npm run temporal", or set REKINDLE_TEMPORAL_ADDRESS';
    throw new Error(`No Temporal server answers at ${target.address}. ${hint}`, { cause });
  }
}
