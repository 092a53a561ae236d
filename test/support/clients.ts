import { execFile } from 'node:child_process';
import { clientsFile, clientsVenv } from './clients-venv';

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The clients in one user's hands. */
export interface Clients {
  /** At the newest microversion that it knows, as its users mostly have it. */
  cinder(...args: readonly string[]): Promise<Said>;
  openstack(...args: readonly string[]): Promise<Said>;
  /** A function of `sdk.py`, by name; what it returns. */
  sdk(name: string, args?: object): Promise<unknown>;
}

/** Longer than any flow here takes on a busy machine; a client left alone would wait for an hour. */
const TIMEOUT_MS = 90_000;

/** @param environment what the user has exported: where to log in, and as whom */
export async function clientsOf(environment: Readonly<Record<string, string>>): Promise<Clients> {
  const venv = await clientsVenv();
  const say = (command: string, args: readonly string[], more: Record<string, string> = {}): Promise<Said> =>
    run(command, args, { ...QUIET, ...environment, ...more });
  return {
    cinder: (...args) => say(venv.command('cinder'), args, { OS_VOLUME_API_VERSION: '3.71' }),
    openstack: (...args) => say(venv.command('openstack'), args),
    sdk: async (name, args = {}) => {
      const { code, out, err } = await say(venv.python, [clientsFile('sdk.py'), name, JSON.stringify(args)]);
      if (code !== 0) throw new Error(`${name} ended with ${code}:\n${err}`);
      const result: unknown = JSON.parse(out);
      return result;
    },
  };
}

/** Nothing of the developer's own cloud; no width, so that tables aren't wrapped; and Python's packages don't warn of each other. */
const QUIET = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', COLUMNS: '10000', PYTHONWARNINGS: 'ignore' };

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { env, timeout: TIMEOUT_MS }, (error, out, err) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, out, err });
      else reject(new Error(`${command} ${args.join(' ')} did not end by itself:\n${out}\n${err}`, { cause: error }));
    });
  });
}

/** The rows of a table as clients print it, by the names of its columns. */
export function rowsOf({ code, out, err }: Said): Record<string, string>[] {
  if (code !== 0) throw new Error(`The command ended with ${code}: ${err}`);
  const [names = [], ...rows] = out
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  return rows.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])));
}

/** A table of properties and their values. */
export function propertiesOf(said: Said): Record<string, string> {
  return Object.fromEntries(
    rowsOf(said).map((row) => {
      const [name = '', value = ''] = Object.values(row);
      return [name, value];
    }),
  );
}

/** What `openstack … -f json` printed. */
export function jsonOf({ code, out, err }: Said): unknown {
  if (code !== 0) throw new Error(`The command ended with ${code}: ${err}`);
  return JSON.parse(out);
}
