import { createHash } from 'node:crypto';
import { readSha256File } from '../../src/image/sha256-file';

const WHERE = { backupId: 'b1', objectName: 'P_sha256file' };
const digests = Array.from({ length: 2000 }, (_, index) => createHash('sha256').update(String(index)).digest('hex'));

/** As Cinder writes it: keys sorted, indented. */
function fileOf(changes: Record<string, unknown> = {}): string {
  const content = {
    backup_description: 'says "sha256s": ["00"] and }] 日本',
    backup_id: 'b1',
    chunk_size: 32768,
    sha256s: digests,
    version: '1.0.0',
    volume_id: 'v1',
    ...changes,
  };
  return JSON.stringify(content, null, 2);
}

async function* inPieces(text: string, pieceBytes = 1 << 20): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

describe('the sha256 file (F-5)', () => {
  it.each([1, 7, 64, 1000, 1 << 20])('is read whole from pieces of %i bytes', async (pieceBytes) => {
    const hashes = await readSha256File(inPieces(fileOf(), pieceBytes), WHERE);

    expect(hashes.blockBytes).toBe(32768);
    expect(digests.map((_, index) => hashes.hex(index))).toEqual(digests);
    expect(hashes.count).toBe(digests.length);
  });

  it('is read without line breaks, with hashes in capitals and with its keys in another order', async () => {
    const sha256s = digests.map((digest) => digest.toUpperCase());
    const text = JSON.stringify({ sha256s, version: '1.0.0', chunk_size: 4096 });

    const hashes = await readSha256File(inPieces(text), WHERE);

    expect(digests.map((_, index) => hashes.hex(index))).toEqual(digests);
    expect(hashes.blockBytes).toBe(4096);
  });

  it('says of each block whether a digest is its own', async () => {
    const hashes = await readSha256File(inPieces(fileOf()), WHERE);

    expect(hashes.matches(7, Buffer.from(digests[7]!, 'hex'))).toBe(true);
    expect(hashes.matches(8, Buffer.from(digests[7]!, 'hex'))).toBe(false);
  });

  it('holds more hashes than fit into what it begins with', async () => {
    const sha256s = Array.from({ length: 100_000 }, (_, index) => digests[index % digests.length]);

    const hashes = await readSha256File(inPieces(fileOf({ sha256s }), 65_536), WHERE);

    expect(hashes.count).toBe(100_000);
    expect([hashes.hex(32_768), hashes.hex(99_999)]).toEqual([digests[32_768 % 2000], digests[99_999 % 2000]]);
  });

  it.each([
    ['another version', fileOf({ version: '2.0.0' }), /version: no support for version 2\.0\.0, expected 1\.0\.0/],
    ['no block size', fileOf({ chunk_size: undefined }), /chunk_size/],
    ['a block size of zero', fileOf({ chunk_size: 0 }), /chunk_size/],
    ['no hashes at all', fileOf({ sha256s: undefined }), /sha256s/],
    [
      'hashes in a place where they do not belong',
      JSON.stringify({ deeper: { sha256s: digests } }),
      /is not what Cinder writes/,
    ],
    [
      'hashes twice',
      `{"sha256s":["${digests[0]!}"],"version":"1.0.0","chunk_size":1,"sha256s":["${digests[0]!}"]}`,
      /sha256s/,
    ],
    ['a short hash', fileOf({ sha256s: [...digests, 'abcd'] }), /entry 2000 is not a SHA-256/],
    ['a long hash', fileOf({ sha256s: [`${digests[0]!}00`] }), /entry 0 is not a SHA-256/],
    ['a hash with other letters', fileOf({ sha256s: ['g'.repeat(64)] }), /entry 0 is not a SHA-256/],
    ['numbers instead of hashes', fileOf({ sha256s: [1, 2] }), /entry 0 is not a SHA-256/],
    ['a comma without a hash', fileOf().replace(/"\n {2}\]/, '",\n  ]'), /entry 2000 is not a SHA-256/],
    ['its end missing', fileOf().slice(0, -100), /is not JSON/],
    ['its second half missing', fileOf().slice(0, 70_000), /is not JSON/],
    ['nothing in it', '', /is not JSON/],
    ['no JSON in it', 'P_sha256file', /is not JSON/],
    ['an endless name', `{"backup_name":"${'x'.repeat(2 << 20)}`, /is not a list of hashes/],
  ])('is refused with %s', async (_, text, message) => {
    await expect(readSha256File(inPieces(text), WHERE)).rejects.toMatchObject({
      code: 'BackupDamaged',
      message: expect.stringMatching(new RegExp(`^Backup b1 is damaged: object P_sha256file .*${message.source}`, 's')),
    });
  });
});
