import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectFolder } from '../../src/local/project-folder';

export interface ScriptProcess {
  readonly child: ChildProcess;
  /** What the script passed to `report`. */
  readonly reported: unknown;
  /** SIGKILL, as a power cut for this process alone; resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Runs JavaScript, which may `require` our TypeScript by paths such as `./src/local/postgres.ts`, in a process of its own,
 * so that a test can kill it. Resolves when the script has called `report(value)`; the script then stays until killed.
 */
export async function runScript(body: string, env: NodeJS.ProcessEnv = process.env): Promise<ScriptProcess> {
  const script = `
    const report = (value) => process.stdout.write(JSON.stringify({ reported: value }) + '\\n');
    (async () => { ${body} })().catch((error) => { console.error(error); process.exit(1); });
    setInterval(() => undefined, 1_000_000);`;
  const register = join(projectFolder(), 'test', 'support', 'register-typescript.cjs');
  const child = spawn(process.execPath, ['-r', register, '-e', script], {
    cwd: projectFolder(),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"reported"')) continue;
    const { reported } = JSON.parse(line) as { reported: unknown };
    return { child, reported, kill: () => kill(child) };
  }
  throw new Error('The script ended without a report');
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
