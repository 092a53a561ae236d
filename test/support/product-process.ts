import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { projectFolder } from '../../src/local/project-folder';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProductProcess {
  readonly child: ChildProcess;
  /** How it ended, once it has and all it said is read. */
  readonly ended: Promise<Ending>;
  stdout(): string;
  stderr(): string;
  /** Waits until it prints a match. @throws Error with what it said, if it ends without */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ending>;
}

/** Runs an entry file of the product (or of the tests), such as `src/dev.ts`, in a process of its own. */
export function startProduct(entry: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): ProductProcess {
  const register = path.join(projectFolder(), 'test', 'support', 'register-typescript.cjs');
  const child = spawn(process.execPath, ['-r', register, path.join(projectFolder(), entry), ...args], {
    env: { ...withoutOurs(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => ({ code, signal }) as Ending);
  const product: ProductProcess = {
    child,
    ended,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(said.stdout);
        if (match) return match;
        const more = once(child.stdout, 'data').then(() => null);
        const ending = await Promise.race([more, ended]);
        if (ending) throw new Error(`It never said ${String(pattern)} but:\n${said.stdout}\n${said.stderr}`);
      }
    },
    stop: async (signal) => {
      child.kill(signal);
      return ended;
    },
  };
  return product;
}

/** What a developer has configured for himself is not for the tests; where his Temporal CLI lies is. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^REKINDLE_(?!TEST_|TEMPORAL_CLI$)/.test(name));
  return Object.fromEntries(kept);
}
