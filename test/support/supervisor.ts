import type { ProductProcess } from './product-process';

export interface Supervisor {
  /** How often the process was killed. */
  deaths(): number;
  /** Of the process that runs now. */
  pid(): number;
  /** Rejects if the process ends in any other way than by SIGKILL. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Starts a process again each time it is killed, as an init system does. */
export function supervise(start: () => ProductProcess): Supervisor {
  let current = start();
  let deaths = 0;
  let stopping = false;
  const watch = async (): Promise<void> => {
    for (;;) {
      const { code, signal } = await current.ended;
      if (stopping) return;
      if (signal !== 'SIGKILL') throw new Error(`It ended by itself (code ${code ?? signal}):\n${current.stderr()}`);
      deaths += 1;
      current = start();
    }
  };
  const watching = watch();
  const failed = watching.then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined);
  return {
    deaths: () => deaths,
    pid: () => current.child.pid!,
    failed,
    stop: async () => {
      stopping = true;
      await current.stop('SIGTERM');
    },
  };
}
