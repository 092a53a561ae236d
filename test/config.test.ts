import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, readConfig } from '../src/config';

describe('the configuration', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'rekindle-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const written = (yaml: string): NodeJS.ProcessEnv => {
    const file = path.join(folder, 'rekindle.yml');
    writeFileSync(file, yaml);
    return { REKINDLE_CONFIG: file };
  };

  it('has a default for everything, and listens on loopback, on the port of Cinder', () => {
    expect(readConfig({})).toMatchObject({
      api: { host: '127.0.0.1', port: 8776, allowRemoteNoauth: false },
      database: { backupLock: 'exclusive' },
      quota: { volumes: 10, gigabytes: 1000 },
      restore: { giveUpAfterMs: 1_800_000 },
    });
  });

  it('takes the paths in the file from where the file lies', () => {
    const env = written(`
      backends: [{ name: a, driver: file, pools: [{ path: pool }] }]
      repositories: [{ driver: posix, path: ../backups }]
    `);
    const config = readConfig(env);
    expect(config.backends[0]?.pools[0]?.path).toBe(path.join(folder, 'pool'));
    expect(config.repositories[0]?.path).toBe(path.join(folder, '..', 'backups'));
  });

  it('keeps everything where the command is typed unless it is told otherwise, also with a file that lies elsewhere', () => {
    const here = path.resolve('.rekindle');
    expect(readConfig({}).dataDir).toBe(here);
    expect(readConfig(written('logLevel: warn')).dataDir).toBe(here);
    expect(readConfig({ ...written('dataDir: data'), REKINDLE_DATA_DIR: 'x' }).dataDir).toBe(path.resolve('x'));
    expect(readConfig(written('dataDir: data')).dataDir).toBe(path.join(folder, 'data'));
  });

  it('lets the environment win over the file', () => {
    const env = { ...written('{ api: { port: 1, host: "::1" }, logLevel: debug }'), REKINDLE_API_PORT: '9000' };
    expect(readConfig(env)).toMatchObject({ api: { port: 9000, host: '::1' }, logLevel: 'debug' });
  });

  it('asks Keystone who callers are where it is told to; the password may come from the environment', () => {
    expect(readConfig({}).auth).toEqual({ type: 'noauth' });
    const file = written('auth: { type: keystone, url: "https://keystone:5000", username: rekindle }');
    expect(() => readConfig(file)).toThrow('auth.password');
    expect(readConfig({ ...file, REKINDLE_KEYSTONE_PASSWORD: 'secret' }).auth).toMatchObject({
      password: 'secret',
      project: 'service',
      cacheSeconds: 60,
    });
    const env = {
      REKINDLE_AUTH_TYPE: 'keystone',
      REKINDLE_KEYSTONE_URL: 'https://keystone:5000/v3',
      REKINDLE_KEYSTONE_USERNAME: 'rekindle',
      REKINDLE_KEYSTONE_PASSWORD: 'secret',
    };
    expect(readConfig(env).auth).toMatchObject({ type: 'keystone', username: 'rekindle' });
    expect(() => readConfig({ REKINDLE_AUTH_TYPE: 'kerberos' })).toThrow('auth.type');
  });

  it('names every fault and where it stands', () => {
    const env = {
      ...written('{ quota: { volumes: -5 }, backends: [{ name: "a b", driver: tape, pools: [] }], nonsense: 1 }'),
      REKINDLE_API_PORT: 'x',
    };
    const faults = (): unknown => readConfig(env);
    expect(faults).toThrow(ConfigError);
    for (const place of [
      'quota.volumes',
      'backends[0].name',
      'backends[0].driver',
      'backends[0].pools',
      'nonsense',
      'api.port',
    ]) {
      expect(faults).toThrow(place);
    }
  });

  it('says so when the file is missing or no YAML', () => {
    expect(() => readConfig({ REKINDLE_CONFIG: path.join(folder, 'absent.yml') })).toThrow(/absent\.yml can't be read/);
    expect(() => readConfig(written('a: [1'))).toThrow(ConfigError);
  });
});
