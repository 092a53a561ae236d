import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';
import { freePort } from '../../src/local/free-port';
import { connectClient, connectNative, registerSearchAttributes, workflowUrl } from '../../src/temporal';
import { suiteClient, suiteTemporal, unique } from '../support/temporal';

test('says how to get a server when none answers', async () => {
  const target = { address: `127.0.0.1:${await freePort()}`, namespace: 'rekindle' };
  const refused = `No Temporal server answers at ${target.address}. Start one with "npm run temporal"`;
  await expect(connectClient(target, 1_000)).rejects.toThrow(refused);
  await expect(connectNative(target)).rejects.toThrow(refused);
});

test('names the namespace that a server does not have', async () => {
  const target = { ...suiteTemporal(), namespace: unique('absent') };
  await expect(connectClient(target)).rejects.toThrow(`has no namespace "${target.namespace}"`);
});

test('connects clients and workers to a server that has it', async () => {
  const client = await suiteClient();
  const workers = await connectNative(suiteTemporal());
  expect(client.options.namespace).toBe(suiteTemporal().namespace);
  await workers.close();
  await client.connection.close();
});

describe('search attributes', () => {
  const namespace = unique('attributes');
  let connection: Connection;

  beforeAll(async () => {
    connection = await Connection.connect({ address: suiteTemporal().address });
    // protobufjs takes a number where the declarations ask for a Long.
    const workflowExecutionRetentionPeriod = { seconds: 86_400 } as never;
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    await untilKnown(connection, namespace);
  });

  afterAll(async () => connection.close());

  test('are registered where they are missing, and left where they are', async () => {
    await registerSearchAttributes(connection, namespace);
    await registerSearchAttributes(connection, namespace);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    for (const { name } of SEARCH_ATTRIBUTES) expect(customAttributes).toHaveProperty(name);
  });

  test('are refused where one exists with another type', async () => {
    await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: ['VolumeId'] });
    // temporal/api/enums/v1/common.proto: 1 is TEXT; ours is a KEYWORD.
    const searchAttributes = Object.fromEntries([['VolumeId', 1]]);
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    await expect(registerSearchAttributes(connection, namespace)).rejects.toThrow(
      `Search attribute VolumeId of namespace ${namespace} exists, but not as KEYWORD`,
    );
  });
});

test('makes links to workflows whose ids need escaping', () => {
  expect(workflowUrl('http://ui:8233/', 'n', 'a/b c')).toBe('http://ui:8233/namespaces/n/workflows/a%2Fb%20c');
});

/** A new namespace reaches the server's caches a little later. */
async function untilKnown(connection: Connection, namespace: string): Promise<void> {
  for (;;) {
    const known = await connection.operatorService.listSearchAttributes({ namespace }).then(
      () => true,
      () => false,
    );
    if (known) return;
  }
}
