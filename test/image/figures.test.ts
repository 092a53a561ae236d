import { posixBackupDriver } from '../../src/drivers/backup/posix';
import type { ObjectStore } from '../../src/domain/object-store';
import { figuresOf } from '../../src/image/figures';
import { openBackupImage } from '../../src/image/open';
import { fixture } from '../support/fixtures';
import type { FixtureName } from '../support/fixtures';

/** Opens the image, and counts the stored bytes that its objects cost when they are read. */
async function figuresAndCost(name: FixtureName) {
  const { repoRoot, links } = fixture(name);
  let readBytes = 0;
  const driver = posixBackupDriver({ root: repoRoot });
  const store: ObjectStore = {
    ...driver,
    readObject: async function* (...asked) {
      for await (const piece of driver.readObject(...asked)) {
        readBytes += piece.length;
        yield piece;
      }
    },
  };
  const image = await openBackupImage({ chain: links('inc3'), storeOf: () => store });
  readBytes = 0;
  let liveBytes = 0;
  for (const object of image.plan.objects) {
    for await (const { data } of image.readLive(object)) liveBytes += data.length;
  }
  return { figures: figuresOf(image), objects: image.plan.objects.length, liveBytes, readBytes };
}

describe('the figures of an image', () => {
  it('are what reading it costs, to the byte where objects are read in parts', async () => {
    const { figures, objects, liveBytes, readBytes } = await figuresAndCost('none-c4m-s32k-odd');
    expect(figures).toEqual({ objects, dataBytes: liveBytes, fetchedBytes: readBytes, codec: 'none' });
  });

  it.each([
    ['zlib', 'zlib-c4m-s32k-odd'],
    ['bz2', 'bz2-c4m-s32k-sec'],
    ['zstd', 'zstd-c4m-s32k-sec'],
  ] as const)('are the most that reading it can cost, where objects are compressed by %s', async (codec, name) => {
    const { figures, objects, liveBytes, readBytes } = await figuresAndCost(name);
    expect(figures).toMatchObject({ objects, dataBytes: liveBytes, codec });
    expect(figures.fetchedBytes).toBeGreaterThanOrEqual(readBytes);
    expect(figures.fetchedBytes).toBeLessThan(liveBytes);
  });

  it('are nothing for a volume of zeros', async () => {
    const { figures } = await figuresAndCost('all-zero-volume');
    expect(figures).toEqual({ objects: 0, dataBytes: 0, fetchedBytes: 0, codec: null });
  });
});
