import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { clientsFile, clientsVenv } from './clients-venv';

const run = promisify(execFile);

/** Who has which role in which project. `cinder` is the service's own user, `nova` another service's. */
const PROJECTS = {
  alpha: { adam: 'admin', mary: 'member', rita: 'reader' },
  beta: { bert: 'member' },
  service: { cinder: 'service', nova: 'service' },
} as const;

export type ProjectName = keyof typeof PROJECTS;
export type UserName = { [Name in ProjectName]: keyof (typeof PROJECTS)[Name] }[ProjectName];

const PASSWORD = 'of everybody';

export interface AccessRule {
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

export interface KeystoneOptions {
  /** By service type; Keystone fills in `$(project_id)s`. */
  readonly endpoints?: Readonly<Record<string, string>>;
}

/** A real Keystone. */
export interface Keystone {
  /** With the `/v3`. */
  readonly url: string;
  readonly projects: Readonly<Record<ProjectName, string>>;
  readonly users: Readonly<Record<UserName, string>>;
  readonly password: string;
  /** The same each time. */
  token(user: UserName, project: ProjectName): Promise<string>;
  /** One that nobody else has, to be revoked. */
  freshToken(user: UserName, project: ProjectName): Promise<string>;
  /** One that ends so many seconds from now: of a negative number it has ended. */
  tokenThatExpires(user: UserName, project: ProjectName, seconds: number): Promise<string>;
  /** One of an application credential that may be used for this only. */
  limitedToken(user: UserName, project: ProjectName, rules: readonly AccessRule[]): Promise<string>;
  /** One that is for no project. */
  unscopedToken(user: UserName): Promise<string>;
  revoke(token: string): Promise<void>;
  /** All tokens of this user. Those that he gets within the same second go with them. */
  revokeAllOf(user: UserName): Promise<void>;
  /** What a user of OpenStack's clients has in his environment. */
  environment(user: UserName, project: ProjectName): Record<string, string>;
  stop(): Promise<void>;
}

interface Serving extends Pick<Keystone, 'url' | 'projects' | 'users'> {
  readonly child: ChildProcess;
}

export async function startKeystone({ endpoints = {} }: KeystoneOptions = {}): Promise<Keystone> {
  const { python } = await clientsVenv();
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-keystone-'));
  const { child, url, projects, users } = await serve(python, folder, endpoints);
  const tokenFor = async (auth: object): Promise<string> => {
    const answer = await fetch(`${url}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth }),
    });
    const token = answer.headers.get('X-Subject-Token');
    if (token === null) throw new Error(`Keystone lets nobody in by ${JSON.stringify(auth)}: ${await answer.text()}`);
    return token;
  };
  const logIn = (user: UserName, scope?: object): Promise<string> =>
    tokenFor({ identity: passwordOf(user), ...(scope && { scope }) });
  const freshToken = (user: UserName, project: ProjectName): Promise<string> =>
    logIn(user, { project: { id: projects[project] } });
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (user: UserName, project: ProjectName): Promise<string> => {
    const key = `${user} ${project}`;
    const token = tokens.get(key) ?? freshToken(user, project);
    tokens.set(key, token);
    return token;
  };
  const revoke = (token: string): Promise<void> =>
    change('DELETE', `${url}/auth/tokens`, { 'X-Auth-Token': token, 'X-Subject-Token': token });
  return {
    url,
    projects,
    users,
    password: PASSWORD,
    token: tokenOf,
    freshToken,
    tokenThatExpires: async (user, project, seconds) => {
      const script = clientsFile('keystone', 'token_that_expires.py');
      const args = [script, folder, users[user], projects[project], String(seconds)];
      return (await run(python, args, { env: QUIET })).stdout.trim();
    },
    limitedToken: async (user, project, rules) => {
      const secret = randomUUID();
      const application_credential = { name: secret, secret, access_rules: rules };
      const headers = { 'X-Auth-Token': await tokenOf(user, project), 'Content-Type': 'application/json' };
      const answer = await fetch(`${url}/users/${users[user]}/application_credentials`, {
        ...{ method: 'POST', headers, body: JSON.stringify({ application_credential }) },
      });
      if (!answer.ok) throw new Error(`Keystone makes no application credential: ${await answer.text()}`);
      const made = (await answer.json()) as { application_credential: { id: string } };
      const { id } = made.application_credential;
      return tokenFor({ identity: { methods: ['application_credential'], application_credential: { id, secret } } });
    },
    unscopedToken: (user) => logIn(user, { unscoped: {} }),
    revoke,
    revokeAllOf: async (user) => {
      // Who gets a new password is logged out everywhere, also if it is the old one.
      const token = await freshToken('adam', 'alpha');
      const body = { user: { password: PASSWORD } };
      await change('PATCH', `${url}/users/${users[user]}`, { 'X-Auth-Token': token }, body);
    },
    environment: (user, project) => ({
      OS_AUTH_URL: url,
      OS_USERNAME: user,
      OS_PASSWORD: PASSWORD,
      OS_PROJECT_NAME: project,
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_NAME: 'Default',
      OS_IDENTITY_API_VERSION: '3',
    }),
    stop: async () => {
      await ended(child);
      await rm(folder, { recursive: true });
    },
  };
}

async function change(method: string, url: string, headers: Record<string, string>, body?: object): Promise<void> {
  const { ok, status } = await fetch(url, {
    method,
    headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!ok) throw new Error(`Keystone answered ${status} to ${method} ${url}`);
}

/** Python's packages warn about each other. */
const QUIET = { ...process.env, PYTHONWARNINGS: 'ignore' };

async function serve(python: string, folder: string, endpoints: object): Promise<Serving> {
  const request = JSON.stringify({ password: PASSWORD, projects: PROJECTS, endpoints });
  const child = spawn(python, [clientsFile('keystone', 'serve.py'), folder, request], {
    env: QUIET,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaints = '';
  // Of what it logs while it serves, nobody wants to know.
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-10_000)));
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, ...(JSON.parse(line) as Pick<Keystone, 'url' | 'projects' | 'users'>) };
  }
  throw new Error(`Keystone did not start:\n${complaints}`);
}

function passwordOf(user: UserName): object {
  return { methods: ['password'], password: { user: { name: user, password: PASSWORD, domain: { name: 'Default' } } } };
}

/** It ends with its input. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const end = once(child, 'exit');
  child.stdin?.end();
  await end;
}
