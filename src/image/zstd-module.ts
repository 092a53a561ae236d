import { readFileSync } from 'node:fs';

/** What the module exports, of zstd's own functions; addresses are those of its memory, null is 0. */
export interface ZstdExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly malloc: (byteCount: number) => number;
  readonly ZSTD_createDCtx: () => number;
  /** Takes null, too. */
  readonly ZSTD_freeDCtx: (context: number) => number;
  /** An error is a negative number. */
  readonly ZSTD_decompressStream: (context: number, output: number, input: number) => number;
}

type Imports = Readonly<Record<string, Readonly<Record<string, () => void>>>>;

/** TypeScript knows it only as a part of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Imports) => { readonly exports: ZstdExports };
};

/** Compiled once per thread. */
let compiled: object | null = null;

/**
 * zstd itself, with a memory of its own: nothing that a stream that failed does to it outlives the stream. That is why only the
 * module of the package `zstddec` is used. Its class shares one memory among all streams, repeats a block that is damaged
 * for ever, and then never frees what the stream has taken.
 */
export function zstdInstance(): ZstdExports {
  compiled ??= new WebAssembly.Module(moduleBytes());
  return new WebAssembly.Instance(compiled, { env: { emscripten_notify_memory_growth: () => undefined } }).exports;
}

/** The package holds it as a text: base64 that begins with WebAssembly's magic number. */
function moduleBytes(): Uint8Array {
  const [text = ''] = /AGFzbQ[\w+/]+=*/.exec(readFileSync(require.resolve('zstddec/stream'), 'utf8')) ?? [];
  return Buffer.from(text, 'base64');
}
