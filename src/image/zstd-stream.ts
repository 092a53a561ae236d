import { CodecError, PIECE_BYTES } from './decoder';
import { Spares } from './spares';
import { zstdInstance } from './zstd-module';

/** What zstd takes at once, a block and more. */
const INPUT_BYTES = 256 * 1024;
/** An address, a size and a position, of four bytes each. */
const BUFFER_STRUCT_BYTES = 12;
/** zstd's codes for what it finds. */
const FAULTS: Readonly<Record<number, string>> = {
  14: 'a frame is of an unknown kind',
  20: 'a block is damaged',
  22: "a frame's checksum is wrong",
  32: 'a frame needs a dictionary',
};
const OUT_OF_MEMORY = 64;

/** A stream begins with 16 MiB. One that has taken more, for a large window, is not kept. */
const MOST_KEPT_BYTES = 24 * 1024 * 1024;

const MOST_KEPT = 4;

const spares = new Spares(() => new ZstdStream(), MOST_KEPT);

export function zstdStream(): ZstdStream {
  const stream = spares.take();
  stream.begin();
  return stream;
}

/** For whoever wants no more of a stream, at any point. But after a fault nobody knows what it is good for. */
export function keep(stream: ZstdStream): void {
  if (stream.memoryBytes <= MOST_KEPT_BYTES) spares.keep(stream);
}

/** Decodes frames whose headers somebody else has found acceptable. */
export class ZstdStream {
  private readonly zstd = zstdInstance();
  private context = 0;
  private readonly input = this.zstd.malloc(INPUT_BYTES);
  private readonly output = this.zstd.malloc(PIECE_BYTES);
  private readonly structs = this.zstd.malloc(2 * BUFFER_STRUCT_BYTES);
  private outputBytes = 0;

  get memoryBytes(): number {
    return this.zstd.memory.buffer.byteLength;
  }

  /** Forgets what was decoded before. */
  begin(): void {
    this.zstd.ZSTD_freeDCtx(this.context);
    this.context = this.zstd.ZSTD_createDCtx();
    this.outputBytes = 0;
  }

  /** Yields the pieces that are full; answers how many bytes a frame that ends here has left over, or null. */
  *decode(bytes: Uint8Array): Generator<Uint8Array, number | null> {
    for (let used = 0; ;) {
      const { usedBytes, isEnd } = this.step(bytes.subarray(used, used + INPUT_BYTES));
      used += usedBytes;
      const isFull = this.outputBytes === PIECE_BYTES;
      if (isFull) yield this.take();
      if (isEnd) return bytes.length - used;
      // A piece that is full may not be all that zstd has ready.
      if (used === bytes.length && !isFull) return null;
    }
  }

  /** What the frames so far have decoded to and nobody has taken; valid until more is decoded. */
  take(): Uint8Array {
    const piece = new Uint8Array(this.zstd.memory.buffer, this.output, this.outputBytes);
    this.outputBytes = 0;
    return piece;
  }

  private step(bytes: Uint8Array): { usedBytes: number; isEnd: boolean } {
    const { zstd, input, output, structs } = this;
    new Uint8Array(zstd.memory.buffer).set(bytes, input);
    const outputStruct = structs + BUFFER_STRUCT_BYTES;
    new Uint32Array(zstd.memory.buffer, structs).set([input, bytes.length, 0, output, PIECE_BYTES, this.outputBytes]);
    const result = zstd.ZSTD_decompressStream(this.context, outputStruct, structs);
    if (result < 0) throw faultOf(-result);
    const [, , usedBytes = 0, , , outputBytes = 0] = new Uint32Array(zstd.memory.buffer, structs);
    this.outputBytes = outputBytes;
    return { usedBytes, isEnd: result === 0 };
  }
}

/** A want of memory says nothing of the data. */
function faultOf(code: number): Error {
  if (code === OUT_OF_MEMORY) return new Error('zstd has no memory left');
  return new CodecError(FAULTS[code] ?? `zstd reports fault ${code}`);
}
