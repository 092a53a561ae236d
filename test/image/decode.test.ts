import { Readable } from 'node:stream';
import { createDeflate, deflateSync, gzipSync } from 'node:zlib';
import type { BackupLink } from '../../src/domain/backup';
import type { ObjectStore } from '../../src/domain/object-store';
import type { Codec, PlannedObject } from '../../src/image/backup-image';
import { codecOf } from '../../src/image/codec-name';
import { DECODERS } from '../../src/image/decode';
import { CodecError } from '../../src/image/decoder';
import { readLive } from '../../src/image/read-live';

const MIB = 1024 * 1024;
const HELLO = Buffer.from('hello hello hello\n');
/** Made by the tools themselves. */
const HELLO_BZ2 = Buffer.from('QlpoOTFBWSZTWeW18wkAAARRAAAQQAACRKAAIbUYDAKQacKjC7kinChIctr5hIA=', 'base64');
const HELLO_ZSTD = Buffer.from('KLUv/QRYbQAAOGhlbGxvIAoBADFKEaOqdM4=', 'base64');
/** One bzip2 stream of 45,000,000 zeros. */
const ZEROS_BZ2 = Buffer.from('QlpoOTFBWSZTWckBtsgBWKtAIMAAEAAACCAAMMwFKaZSSFJsVJIUni7kinChIZIDbZA=', 'base64');
/** A zstd frame, its window 128 KiB, of 8192 blocks that repeat a zero 131072 times: 1 GiB in 32 KiB. */
const ZEROS_ZSTD = Buffer.concat([
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]),
  ...Array.from({ length: 8192 }, (_, index) => Buffer.from([index === 8191 ? 0x03 : 0x02, 0x00, 0x10, 0x00])),
]);

async function* inPieces(stored: Uint8Array, pieceBytes = MIB): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < stored.length; at += pieceBytes) yield stored.subarray(at, at + pieceBytes);
}

async function decoded(codec: Codec, stored: Uint8Array, pieceBytes?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of DECODERS[codec](inPieces(stored, pieceBytes))) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const LINK: BackupLink = {
  id: 'b1',
  parentId: null,
  volumeId: 'v1',
  sizeGib: 1,
  service: 'cinder.backup.drivers.posix',
  container: 'c',
  serviceMetadata: 'P',
  objectCount: 1,
};

function objectOf(codec: Codec, lengthBytes: number): PlannedObject {
  const extent = { offsetBytes: 0, lengthBytes };
  return { ...extent, link: LINK, name: 'P-00001', codec, md5: null, storedBytes: 1, live: [extent] };
}

async function* readFrom(object: PlannedObject, stored: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
  const store: ObjectStore = { listObjects: async () => [], readObject: () => stored };
  for await (const { data } of readLive(object, { store, checkMd5: false, signal })) yield data;
}

/** Lets everything run that is ready to run. */
async function untilIdle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('the name of a codec (F-4)', () => {
  it.each([
    ['none', 'none'],
    ['off', 'none'],
    ['no', 'none'],
    ['zlib', 'zlib'],
    ['gzip', 'zlib'],
    ['bz2', 'bz2'],
    ['bzip2', 'bz2'],
    ['zstd', 'zstd'],
    ['NONE', 'none'],
    ['ZLib', 'zlib'],
  ])('%s is %s', (compression, codec) => {
    expect(codecOf(compression)).toBe(codec);
  });

  it.each(['lz4', '', 'zlib ', 'constructor'])('"%s" is none that Cinder knows', (compression) => {
    expect(codecOf(compression)).toBeNull();
  });
});

describe.each([
  ['none', HELLO],
  ['zlib', deflateSync(HELLO)],
  ['bz2', HELLO_BZ2],
  ['zstd', HELLO_ZSTD],
] as const)('%s', (codec, stored) => {
  it.each([1, 3, 1000])('is decoded from pieces of %i bytes', async (pieceBytes) => {
    expect((await decoded(codec, stored, pieceBytes)).toString()).toBe(HELLO.toString());
  });

  it("lets the repository's errors pass as they are", async () => {
    const lost = new Error('EIO');
    const failing = async function* () {
      yield stored.subarray(0, 10);
      throw lost;
    };

    await expect(drain(readFrom(objectOf(codec, HELLO.length), failing()))).rejects.toBe(lost);
  });

  it('is refused if nothing is stored', async () => {
    await expect(drain(readFrom(objectOf(codec, HELLO.length), inPieces(Buffer.alloc(0))))).rejects.toMatchObject({
      code: 'BackupDamaged',
    });
  });
});

describe.each([
  ['zlib', deflateSync(HELLO)],
  ['bz2', HELLO_BZ2],
  ['zstd', HELLO_ZSTD],
] as const)('%s data', (codec, stored) => {
  it('is refused wherever it is cut off', async () => {
    for (let length = 1; length < stored.length; length += 1) {
      await expect(decoded(codec, stored.subarray(0, length))).rejects.toThrow(CodecError);
    }
  });

  it.each(['x', 'many bytes that are no data'])('is refused if "%s" follows its end', async (garbage) => {
    await expect(decoded(codec, Buffer.concat([stored, Buffer.from(garbage)]))).rejects.toThrow(CodecError);
  });

  it('is refused or decoded to something else, but always to an end, whichever bit has flipped', async () => {
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const flipped = Buffer.from(stored);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const outcome = await drain(readFrom(objectOf(codec, HELLO.length), inPieces(flipped))).catch(codeOf);
      expect([HELLO.length, 'BackupDamaged']).toContain(outcome);
    }
  });
});

describe('zlib data', () => {
  it('is refused in the shape of a gzip file, which Cinder never writes (F-4)', async () => {
    await expect(decoded('zlib', gzipSync(HELLO))).rejects.toThrow('incorrect header check');
  });
});

describe('zstd data', () => {
  it("is refused if a frame's checksum says something else", async () => {
    const stored = Buffer.from(HELLO_ZSTD);
    stored[stored.length - 1]! ^= 1;

    await expect(decoded('zstd', stored)).rejects.toThrow("a frame's checksum is wrong");
  });

  it('leaves no memory taken behind, be it sound or damaged', async () => {
    const damaged = Buffer.from(HELLO_ZSTD);
    damaged[8] = 0xff;
    const before = process.memoryUsage().rss;
    for (let count = 0; count < 500; count += 1) {
      await decoded('zstd', HELLO_ZSTD);
      await expect(decoded('zstd', damaged)).rejects.toThrow(CodecError);
    }

    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
  });

  it.each([
    ['a window of 256 MiB', [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 0x01, 0x00, 0x00]],
    ['a single segment of 1 GiB', [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x00, 0x00, 0x00, 0x40, 0x01, 0x00, 0x00]],
    ['a single segment of 1 TiB', [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 0x01, 0x00, 0x00]],
  ])('is refused before memory is taken for %s', async (_, header) => {
    await expect(decoded('zstd', Buffer.from(header))).rejects.toThrow(
      /^its window of \d+ bytes is larger than 33554432$/,
    );
  });
});

describe('streams that follow one another', () => {
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  it.each([
    ['bz2', Buffer.concat([HELLO_BZ2, HELLO_BZ2, HELLO_BZ2])],
    ['zstd', Buffer.concat([HELLO_ZSTD, skippable, HELLO_ZSTD, HELLO_ZSTD, skippable])],
  ] as const)('of %s are decoded as one, whatever pieces they arrive in', async (codec, stored) => {
    for (let pieceBytes = 1; pieceBytes <= stored.length; pieceBytes += 1) {
      expect((await decoded(codec, stored, pieceBytes)).toString()).toBe(HELLO.toString().repeat(3));
    }
  });
});

describe('memory', () => {
  /** 1 GiB of zeros, but for bzip2 (0.5 GiB, because it takes longer). */
  const bombs = async (): Promise<[Codec, Buffer, number][]> => [
    ['zlib', await deflatedZeros(1024 * MIB), 1024 * MIB],
    ['bz2', Buffer.concat(Array<Buffer>(12).fill(ZEROS_BZ2)), 540_000_000],
    ['zstd', ZEROS_ZSTD, 1024 * MIB],
  ];

  it('stays bounded for an object of any size, decoded in pieces of at most 1 MiB', async () => {
    for (const [codec, stored, lengthBytes] of await bombs()) {
      const before = process.memoryUsage().arrayBuffers;
      let peak = 0;
      let largest = 0;
      let length = 0;
      for await (const piece of readFrom(objectOf(codec, lengthBytes), inPieces(stored))) {
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
        largest = Math.max(largest, piece.length);
        length += piece.length;
      }
      expect(length).toBe(lengthBytes);
      expect(largest).toBeLessThanOrEqual(MIB);
      expect(peak).toBeLessThan(150 * MIB);
    }
  });

  it('is not taken by an object that decodes to more than it should: it is refused at that moment', async () => {
    for (const [codec, stored] of await bombs()) {
      let length = 0;
      const reading = (async () => {
        for await (const piece of readFrom(objectOf(codec, 10 * MIB), inPieces(stored))) length += piece.length;
      })();

      await expect(reading).rejects.toMatchObject({
        code: 'BackupDamaged',
        message: `Backup b1 is damaged: object P-00001 holds more than ${10 * MIB} bytes, which its backup's metadata says.`,
      });
      expect(length).toBeLessThanOrEqual(10 * MIB);
    }
  });

  it.each(['none', 'zlib', 'bz2', 'zstd'] as const)(
    'of %s: no more is read than a consumer who stands still has use for, and the source is free when he leaves',
    async (codec) => {
      const endless = ENDLESS[codec];
      let givenBytes = 0;
      let isFree = false;
      const source = async function* () {
        try {
          for await (const piece of endless()) {
            givenBytes += piece.length;
            yield piece;
          }
        } finally {
          isFree = true;
        }
      };

      for await (const piece of DECODERS[codec](source())) {
        expect(piece.length).toBeGreaterThan(0);
        await untilIdle();
        expect(givenBytes).toBeLessThanOrEqual(4 * MIB);
        break;
      }
      await untilIdle();

      expect(isFree).toBe(true);
    },
  );

  it.each(['zlib', 'bz2', 'zstd'] as const)(
    '%s: an object that is left in the middle leaves nothing to the next',
    async (codec) => {
      const hello = { zlib: deflateSync(HELLO), bz2: HELLO_BZ2, zstd: HELLO_ZSTD };
      for (let time = 0; time < 3; time += 1) {
        for await (const piece of DECODERS[codec](ENDLESS[codec]())) {
          expect(piece.some((byte) => byte !== 0)).toBe(false);
          break;
        }
        expect(await decoded(codec, hello[codec])).toEqual(HELLO);
      }
    },
  );

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const piece of readFrom(objectOf('zstd', 1024 * MIB), inPieces(ZEROS_ZSTD), controller.signal)) {
        if (piece.length > 0) controller.abort(reason);
      }
    })();

    await expect(reading).rejects.toBe(reason);
  });
});

async function drain(pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of pieces) length += piece.length;
  return length;
}

function codeOf(error: { code?: unknown }): unknown {
  return error.code;
}

async function deflatedZeros(lengthBytes: number): Promise<Buffer> {
  const deflate = createDeflate({ level: 1 });
  const zeros = Buffer.alloc(MIB);
  const source = function* () {
    for (let done = 0; done < lengthBytes; done += MIB) yield zeros;
  };
  const pieces: Buffer[] = [];
  for await (const piece of Readable.from(source()).pipe(deflate)) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Stored bytes that never end, in pieces of 64 KiB or so. */
const ENDLESS: Record<Codec, () => AsyncIterable<Uint8Array>> = {
  none: repeating(Buffer.alloc(64 * 1024)),
  // Each piece is 65,535 bytes in a block that is stored as it is, and not the last.
  zlib: repeating(Buffer.from([0x78, 0x01]), Buffer.concat([Buffer.from([0, 0xff, 0xff, 0, 0]), Buffer.alloc(65_535)])),
  bz2: repeating(Buffer.concat(Array<Buffer>(1300).fill(ZEROS_BZ2))),
  zstd: repeating(ZEROS_ZSTD.subarray(0, 6), ZEROS_ZSTD.subarray(6, -4)),
};

/** The first piece once (where there are two), the last for ever. */
function repeating(...pieces: readonly Buffer[]): () => AsyncIterable<Uint8Array> {
  return async function* () {
    for (const piece of pieces) yield piece;
    for (;;) yield pieces.at(-1)!;
  };
}
