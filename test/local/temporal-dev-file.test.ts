import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../src/local/project-folder';
import { localArguments, readTemporalDevFile } from '../../src/local/temporal-dev-file';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';

const place = { databaseFile: '/data/temporal.db', port: 7000, uiPort: 8000 };

test('declares exactly the search attributes that the workflows write', async () => {
  const spelled = { KEYWORD: 'Keyword', INT: 'Int', BOOL: 'Bool' };
  const written = Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, spelled[type]]));
  expect((await readTemporalDevFile()).searchAttributes).toEqual(written);
});

test('names the version that tools/temporal builds', async () => {
  const { version } = await readTemporalDevFile();
  const goModule = await readFile(join(projectFolder(), 'tools', 'temporal', 'go.mod'), 'utf8');
  expect(goModule).toContain(`github.com/temporalio/cli v${version}`);
});

test('binds a local run to loopback, with its own file and ports, and keeps all other flags', async () => {
  const file = await readTemporalDevFile();
  const args = localArguments(file, place);
  expect(args.slice(0, 2)).toEqual(['server', 'start-dev']);
  expect(args.filter((arg) => /^--(ui-)?ip/.test(arg))).toEqual(['--ip=127.0.0.1']);
  expect(args.filter((arg) => arg.startsWith('--db-filename'))).toEqual(['--db-filename=/data/temporal.db']);
  expect(args).toEqual(expect.arrayContaining(['--port=7000', '--ui-port=8000', '--namespace=rekindle']));
  expect(args).toContain('--dynamic-config-value=history.transferProcessorMaxPollRPS=2000');
  expect(args.filter((arg) => arg.startsWith('--search-attribute='))).toHaveLength(SEARCH_ATTRIBUTES.length);
});

test('leaves the UI out when it is told so', async () => {
  const args = localArguments(await readTemporalDevFile(), { ...place, uiPort: null });
  expect(args).toContain('--headless');
  expect(args.join()).not.toContain('--ui-port');
});

test.each([
  ['no YAML at all', '{', 'Flow map'],
  [
    'another image',
    'services: {temporal: {image: "postgres:18", command: [server, start-dev]}}',
    'temporalio/temporal',
  ],
  ['a flag apart from its value', compose('[server, start-dev, --port, "1"]'), '--flag or --flag=value'],
  ['no namespace', compose('[server, start-dev, --ip=0.0.0.0]'), 'no --namespace'],
])('refuses a file with %s, naming the fault', async (_what, content, fault) => {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-dev-file-'));
  await writeFile(join(folder, 'dev.yml'), content);
  await expect(readTemporalDevFile(join(folder, 'dev.yml'))).rejects.toThrow(fault);
  await rm(folder, { recursive: true });
});

function compose(command: string): string {
  return `services: {temporal: {image: "temporalio/temporal:1.8.2", command: ${command}}}`;
}
