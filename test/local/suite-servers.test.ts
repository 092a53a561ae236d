import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess } from '../../src/local/process-identity';
import { runScript } from '../support/child-process';

test('leaves no server and no folder behind when jest is killed', async () => {
  // Its own database, so that there is a server to leave behind.
  const env = { ...process.env, REKINDLE_TEST_DATABASE_URL: '' };
  const suite = await runScript(
    `
    const { startSuiteServers } = require('./test/support/suite-servers.ts');
    const { folder, pids } = await startSuiteServers();
    report({ folder, pids });`,
    env,
  );
  const { folder, pids } = suite.reported as { folder: string; pids: number[] };
  expect(pids).toHaveLength(1);
  await suite.kill();
  for (const pid of pids) while (await identifyProcess(pid)) await sleep(20);
  while (
    await access(folder).then(
      () => true,
      () => false,
    )
  )
    await sleep(20);
});
