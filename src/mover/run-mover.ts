import type { ToMover, ToWorker } from './protocol';
import { serveMoves } from './serve';

/** Serves the worker that forked this process, as long as it lives. */
export function runMover(): void {
  // The worker is dead or wants no more of us. Nobody would hear how the move ends, and a successor waits for the volume.
  process.once('disconnect', () => process.exit(0));
  // Ctrl-C reaches everybody in the terminal; the worker decides what becomes of its moves.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  serveMoves({
    send: (message: ToWorker) => {
      // Answered by nobody once the worker is dead: `disconnect` is on its way.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => process.on('message', (message: ToMover) => listener(message)),
  });
}
