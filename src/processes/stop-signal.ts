/** Resolves with the first SIGINT or SIGTERM; a second one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      // What the process held is taken over at the next start.
      if (asked) process.exit(130);
      asked = true;
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

/** Keeps the process alive while it waits: neither a promise nor a listener on a signal does. */
export async function awake<Result>(waiting: Promise<Result>): Promise<Result> {
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    return await waiting;
  } finally {
    clearInterval(alive);
  }
}
