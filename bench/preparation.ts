import { availableParallelism } from 'node:os';
import type { Case } from './cases';
import { makeRepository, repositoryFolder } from './repository';

/** Makes the repositories of all cases, side by side: Cinder compresses on one core, and bz2 takes it minutes. */
export async function prepare(python: string, cache: string, cases: readonly Case[]): Promise<void> {
  const longest = new Map<string, Case>();
  for (const each of cases) {
    const root = repositoryFolder(cache, each);
    if (each.links > (longest.get(root)?.links ?? 0)) longest.set(root, each);
  }
  const todo = [...longest];
  const worker = async (): Promise<void> => {
    for (let next = todo.shift(); next; next = todo.shift()) await makeRepository(python, ...next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
