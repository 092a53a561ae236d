import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Account } from './server-process';

const run = promisify(execFile);

/**
 * The account that the PostgreSQL server runs as. PostgreSQL refuses to run as root, so root gives it to the user
 * `postgres`, made here if absent; anybody else runs it himself (null).
 */
export async function postgresAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  return (await findAccount()) ?? (await createAccount());
}

/** Whether that account can write a folder: asked of the kernel, since modes alone don't tell (parents, ACLs, mounts). */
export async function canWrite(account: Account, folder: string): Promise<boolean> {
  return run('/bin/sh', ['-c', 'test -w "$0" && test -x "$0"', folder], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function findAccount(): Promise<Account> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function createAccount(): Promise<Account> {
  const group = await run('getent', ['group', 'postgres']).then(
    () => ['--gid', 'postgres'],
    () => ['--user-group'],
  );
  try {
    await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', ...group, 'postgres']);
  } catch (cause) {
    const hint = 'Create it, or start Rekindle as another user, or give a database URL';
    throw new Error(`PostgreSQL can't run as root, and no user "postgres" could be made. ${hint}`, { cause });
  }
  const account = await findAccount();
  if (!account) throw new Error('The user "postgres" was made but is not found');
  return account;
}
