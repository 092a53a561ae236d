import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where things that can be made again are kept between runs, for each user: the XDG base directory specification. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'rekindle');
}
