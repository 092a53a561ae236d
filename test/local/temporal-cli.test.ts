import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/local/free-port';
import type { CliSearch, TemporalCli } from '../../src/local/temporal-cli';
import { findTemporalCli } from '../../src/local/temporal-cli';

const run = promisify(execFile);
const lines: string[] = [];
let home: string;
let closed: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rekindle-cli-'));
  closed = `http://127.0.0.1:${await freePort()}`;
  lines.length = 0;
});

afterEach(async () => rm(home, { recursive: true }));

/** Nothing is found, unless the test provides it: PATH and cache lie in the test's folder, and no download service answers. */
async function find(more: Partial<CliSearch> = {}): Promise<TemporalCli> {
  const env = { PATH: join(home, 'bin'), XDG_CACHE_HOME: join(home, 'cache') };
  return findTemporalCli({ version: '1.8.2', env, log: (line) => lines.push(line), downloadUrl: closed, ...more });
}

async function writeProgram(path: string, script: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

async function writeCli(path: string, server = '1.31.2'): Promise<string> {
  return writeProgram(path, `echo "temporal version 1.8.2 (Server ${server}, UI 2.50.1)"`);
}

const onPath = (): string => join(home, 'bin', 'temporal');
const inCache = (): string => join(home, 'cache', 'rekindle', 'temporal-1.8.2');

test('takes the path that it is told before all others', async () => {
  await writeCli(onPath());
  await writeCli(inCache());
  const explicitPath = await writeCli(join(home, 'mine'));
  const description = 'temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)';
  expect(await find({ explicitPath })).toEqual({ path: explicitPath, description });
});

test('looks no further when the path that it is told is wrong', async () => {
  await writeCli(onPath());
  const explicitPath = join(home, 'absent');
  await expect(find({ explicitPath })).rejects.toThrow(`${explicitPath} can't be run as the Temporal CLI`);
});

test('prefers the PATH to the cache', async () => {
  await writeCli(inCache());
  await writeCli(onPath());
  expect((await find()).path).toBe(onPath());
});

test('passes over a CLI on the PATH whose server is too old, and says so', async () => {
  await writeCli(onPath(), '1.24.0');
  await writeCli(inCache());
  expect((await find()).path).toBe(inCache());
  expect(lines.join()).toContain(`${onPath()} holds a server older than 1.28`);
});

test('passes over another program that is called temporal', async () => {
  await writeProgram(onPath(), 'echo "temporal 0.1, a time machine"');
  await writeCli(inCache());
  expect((await find()).path).toBe(inCache());
});

test('downloads the version into the cache, and finds it there the next time', async () => {
  await writeCli(join(home, 'archive', 'temporal'));
  await run('tar', ['-czf', join(home, 'cli.tar.gz'), '-C', join(home, 'archive'), 'temporal']);
  const asked: string[] = [];
  const service = createServer((request, response) => {
    asked.push(request.url ?? '');
    const archiveUrl = `http://${request.headers.host ?? ''}/cli.tar.gz`;
    if (request.url === '/cli.tar.gz') void readFile(join(home, 'cli.tar.gz')).then((file) => response.end(file));
    else response.end(JSON.stringify({ archiveUrl, fileToExtract: 'temporal' }));
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const downloadUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;

  expect((await find({ downloadUrl })).path).toBe(inCache());
  expect(asked[0]).toMatch(/^\/cli\/v1\.8\.2\?arch=(amd64|arm64)&platform=linux&format=tar\.gz$/);
  expect(lines.join()).toContain('Downloading the Temporal CLI 1.8.2');
  expect((await find()).path).toBe(inCache());
  expect(asked).toHaveLength(2);
  service.closeAllConnections();
  service.close();
});

test('builds it with Go where no download is possible, and says how long that takes', async () => {
  // A Go whose "build" writes what the real one would take five minutes for, if asked for what tools/temporal pins.
  const cli = await writeCli(join(home, 'built'));
  const go = `[ "$1" = version ] && exit 0
    [ "$1 $2 $4 $6" = "build -ldflags -o github.com/temporalio/cli/cmd/temporal" ] || exit 1
    /bin/grep -q 'github.com/temporalio/cli v1.8.2' go.mod && /bin/cp ${cli} "$5"`;
  await writeProgram(join(home, 'bin', 'go'), go);
  expect((await find()).path).toBe(inCache());
  expect(lines).toEqual([`Building the Temporal CLI 1.8.2 with Go into ${inCache()}: about five minutes, once`]);
});

test('leaves nothing in the cache when the build fails', async () => {
  await writeProgram(join(home, 'bin', 'go'), '[ "$1" = version ]');
  await expect(find()).rejects.toThrow('the build with Go failed');
  expect((await run('ls', ['-A', dirname(inCache())])).stdout).toBe('');
});

test('names every way when there is none', async () => {
  const refused = await find().catch((error: unknown) => String(error));
  expect(refused).toContain('the download failed (connect ECONNREFUSED');
  expect(refused).toContain('there is no Go');
  for (const way of ['REKINDLE_TEMPORAL_CLI', 'PATH', inCache(), 'download', 'Go 1.26', 'REKINDLE_TEMPORAL_ADDRESS']) {
    expect(refused).toContain(way);
  }
});
