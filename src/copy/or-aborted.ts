/**
 * The outcome of `work`, or the signal's reason as soon as it aborts: also where `work` doesn't listen to the signal, or
 * answers it with an AbortError of its own. `Promise.race` with one lasting promise would gather a reaction per call.
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => {
      reject(new Error('Aborted.'));
    };
  });
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
