// Preloaded into the mover process (`node --require`): notes for how long, at most, its event loop was held up in a move.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 5;
const NOTED_EVERY_MS = 100;

const file = process.env['REKINDLE_BENCH_LOOP_FILE'];
// Its threads may compute for as long as they like.
if (file !== undefined && isMainThread && process.send) watch(file);

function watch(noteFile: string): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  process.on('message', ({ kind }: { kind: string }) => {
    // What it takes to start is nobody's heartbeat.
    if (kind !== 'move') return;
    delay.enable();
    delay.reset();
  });
  let noted = 0;
  setInterval(() => {
    if (delay.max <= noted) return;
    noted = delay.max;
    writeFileSync(noteFile, String(noted / 1e6));
  }, NOTED_EVERY_MS).unref();
}
