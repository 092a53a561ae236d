import { deflateSync } from 'node:zlib';
import { compress, init } from '@bokuweb/zstd-wasm';
import load from 'libbzip2-wasm';
import type { Bzip2 } from 'libbzip2-wasm';

export type CodecOfCinder = 'none' | 'zlib' | 'bz2' | 'zstd';

/** Compresses as Python's zlib, bz2 and zstd do; levels from 1 to 9. */
export type Encoders = Readonly<Record<CodecOfCinder, (data: Buffer, level: number) => Buffer>>;

/** The reference implementations of bzip2 and Zstandard as WebAssembly: Node 20 can write neither. */
export async function loadEncoders(): Promise<Encoders> {
  await init();
  return {
    none: (data) => data,
    zlib: (data, level) => deflateSync(data, { level }),
    bz2: await loadBzip2(),
    zstd: (data, level) => Buffer.from(compress(data, level)),
  };
}

function loadBzip2(): Promise<Encoders['bz2']> {
  return withoutNewListeners(
    () =>
      new Promise((resolve) => {
        // The module itself must not be what a promise resolves to: it has a `then`, which would never come to an end.
        load().then((bzip2) => resolve((data, level) => compressBzip2(bzip2, data, level)));
      }),
  );
}

function compressBzip2(bzip2: Bzip2, data: Buffer, level: number): Buffer {
  const { error, output } = bzip2.compressBZ2(data, level, 30);
  if (error !== 0) throw new Error(`bzip2 has failed: ${error}`);
  const copy = Buffer.from(output);
  bzip2._free(output.byteOffset);
  return copy;
}

/** Emscripten takes over what the process does about errors, which is the test runner's to decide. */
async function withoutNewListeners<T>(work: () => Promise<T>): Promise<T> {
  const listeners = (event: string): NodeJS.SignalsListener[] => process.listeners(event as 'SIGINT');
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = new Set(events.flatMap(listeners));
  const result = await work();
  for (const event of events) {
    for (const listener of listeners(event)) if (!before.has(listener)) process.off(event, listener);
  }
  return result;
}
