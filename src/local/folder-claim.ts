import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';

export interface FolderClaim {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that runs a server in the folder (created if absent), until it releases the claim or
 * dies. The lock is a socket in Linux's abstract namespace: the kernel takes it back when we die, so that no stale lock
 * file can block the next start.
 * @throws Error if a living process holds the folder
 */
export async function claimFolder(folder: string): Promise<FolderClaim> {
  await mkdir(folder, { recursive: true });
  const digest = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex');
  const lock = createServer((peer) => peer.destroy());
  try {
    lock.listen(`\0rekindle-${digest}`);
    await once(lock, 'listening');
  } catch (cause) {
    throw new Error(`Another Rekindle process runs with the data in ${folder}; stop it first`, { cause });
  }
  lock.unref();
  return {
    release: async () => {
      if (!lock.listening) return;
      lock.close();
      await once(lock, 'close');
    },
  };
}
