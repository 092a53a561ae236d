import { readMetadata } from '../../src/image/metadata';
import type { DescribedObject } from '../../src/image/metadata';

const WHERE = { backupId: 'b1', objectName: 'P_metadata' };
const OBJECTS = [
  { 'P-00001': { compression: 'zlib', length: 4096, md5: 'ab'.repeat(16), offset: 0 } },
  { 'P-00002': { compression: 'none', length: 100, md5: null, offset: 4096 } },
];
const DESCRIBED = [
  { name: 'P-00001', compression: 'zlib', length: 4096, md5: 'ab'.repeat(16), offset: 0 },
  { name: 'P-00002', compression: 'none', length: 100, md5: null, offset: 4096 },
];

/** As Cinder writes it: keys sorted, indented. */
function fileOf(changes: Record<string, unknown> = {}): string {
  const content = {
    backup_description: 'says "objects": [{"x": 1}], and \\',
    backup_name: '日本',
    extra_metadata: { objects: [{ 'P-00007': {} }] },
    objects: OBJECTS,
    version: '1.0.0',
    volume_id: 'v1',
    volume_meta: '{"objects": [1]}',
    ...changes,
  };
  return JSON.stringify(content, null, 2);
}

async function* inPieces(text: string, pieceBytes = 1 << 20): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function read(pieces: AsyncIterable<Uint8Array>) {
  const objects: DescribedObject[] = [];
  const metadata = await readMetadata(pieces, { where: WHERE, onObject: (object) => void objects.push(object) });
  return { ...metadata, objects };
}

describe("a backup's metadata (F-2)", () => {
  it.each([1, 7, 64, 1 << 20])('is read whole from pieces of %i bytes', async (pieceBytes) => {
    expect(await read(inPieces(fileOf(), pieceBytes))).toEqual({
      volumeId: 'v1',
      volumeMeta: '{"objects": [1]}',
      objects: DESCRIBED,
    });
  });

  it('is read without line breaks and with its keys in another order', async () => {
    const text = JSON.stringify({ objects: OBJECTS, volume_id: 'v1', version: '1.0.0' });

    expect(await read(inPieces(text, 10))).toEqual({ volumeId: 'v1', volumeMeta: null, objects: DESCRIBED });
  });

  it('may list no objects (F-7)', async () => {
    expect((await read(inPieces(fileOf({ objects: [] })))).objects).toEqual([]);
  });

  it.each([
    ['no list', fileOf({ objects: undefined }), 'objects: expected a list of objects'],
    ['an object instead of a list', fileOf({ objects: { objects: [] } }), 'objects: expected a list of objects'],
    ['a text in its list', fileOf({ objects: ['P-00001'] }), 'objects: expected a list of objects'],
    ['a number in its list', fileOf({ objects: [...OBJECTS, 0] }), 'lists what is no object'],
    ['a list in its list', fileOf({ objects: [[]] }), 'has an entry of 0 objects instead of one'],
    ['an entry of no object', fileOf({ objects: [{}] }), 'has an entry of 0 objects instead of one'],
    ['a second list', fileOf().replace('"version"', '"objects": [{"P-00003": 1}], "version"'), 'objects.2.P-00003: '],
    ['an entry without its end', fileOf().slice(0, 400), 'is not JSON'],
    ['a wrong bracket', fileOf().replace('}\n    }', '}\n    ]'), 'is not JSON'],
    ['too many brackets', `${fileOf()}}`, 'is not JSON'],
    [
      'a version that is no text',
      fileOf({ version: { toString: 1 } }),
      'no support for version object, expected 1.0.0',
    ],
  ])('is refused with %s', async (_, text, fault) => {
    await expect(read(inPieces(text))).rejects.toMatchObject({
      code: 'BackupDamaged',
      message: expect.stringContaining(fault),
    });
  });

  it.each([
    ['an entry without end', '[{"P-00001": {"compression": "', 'x'],
    ['an entry of brackets', '[{"P-00001": ', '['],
    ['a list of numbers', '[1', ',1'],
    ['a text', '[], "volume_meta": "', 'x'],
    ['nothing but depth', '[], "volume_meta": ', '['],
  ])('is refused, once 10 MB of it have come, with %s', async (_, beginning, more) => {
    let givenBytes = 0;
    const endless = async function* () {
      yield Buffer.from(`{"objects": ${beginning}`);
      for (;;) {
        const piece = Buffer.from(more.repeat(100_000));
        givenBytes += piece.length;
        yield piece;
      }
    };

    await expect(read(endless())).rejects.toMatchObject({
      code: 'BackupDamaged',
      message: 'Backup b1 is damaged: object P_metadata is too large to be metadata.',
    });
    expect(givenBytes).toBeLessThan(10_000_000);
  });
});
