import { Refusal } from '../../domain/errors';

/** Whether this is an error of the operating system with one of these codes (errno(3)). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.some((code) => typeof error === 'object' && error !== null && 'code' in error && error.code === code);
}

/** Errors of the operating system after which this pool certainly can't hold the volume, and why. */
const POOL_REFUSES: readonly (readonly [code: string, why: string])[] = [
  ['ENOSPC', 'is full'],
  ['EDQUOT', 'has used up its disk quota'],
  ['EROFS', 'is mounted read-only'],
  ['EFBIG', 'cannot hold a file of that size'],
];

/** Runs `work`; an error that means "never on this pool" becomes `Refusal('PoolRefused')`, any other passes. */
export async function onPool<T>(poolName: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refusal = POOL_REFUSES.find(([code]) => hasCode(error, code));
    if (!refusal) throw error;
    throw new Refusal('PoolRefused', `Pool ${poolName} ${refusal[1]}.`, { cause: error });
  }
}
