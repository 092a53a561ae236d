/** Resolves with the first SIGINT or SIGTERM; a second one ends the process at once. Keeps the process alive meanwhile. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // A listener on a signal doesn't keep a process alive; a timer does.
    const alive = setInterval(() => undefined, 2 ** 30);
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      // What the process held is taken over at the next start.
      if (asked) process.exit(130);
      asked = true;
      clearInterval(alive);
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
