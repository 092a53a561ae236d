import { spawn } from 'node:child_process';

/** Runs a command to its end and gives what it printed; its errors go where ours go. @throws if it fails */
export async function run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${String(code)}`);
  return Buffer.concat(pieces).toString('utf8');
}
