import type { BackupLink } from '../../src/domain/backup';
import { planRestore, withZeros } from '../../src/image/plan';
import type { Layer } from '../../src/image/plan';

/** A link whose objects are `[offset, length]`; they are named after the link and their place in the list. */
function layer(id: string, extents: readonly (readonly [number, number])[]): Layer {
  const link: BackupLink = {
    id,
    parentId: null,
    volumeId: 'volume',
    sizeGib: 1,
    service: 'cinder.backup.drivers.posix',
    container: id,
    serviceMetadata: id,
    objectCount: extents.length,
  };
  const objects = extents.map(([offsetBytes, lengthBytes], index) => ({
    link,
    name: `${id}-${index + 1}`,
    codec: 'none' as const,
    md5: null,
    storedBytes: lengthBytes,
    offsetBytes,
    lengthBytes,
  }));
  return { link, objects };
}

/** The plan in short: what is live of which object. */
function livesOf(layers: readonly Layer[]): Record<string, (readonly [number, number])[]> {
  const { objects } = planRestore(layers);
  return Object.fromEntries(
    objects.map(({ name, live }) => [name, live.map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes])]),
  );
}

function refusalOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

const FULL = layer('full', [
  [0, 100],
  [100, 100],
  [200, 50],
]);

describe('the restore plan', () => {
  it('is the full backup where there is no other link', () => {
    const plan = planRestore([FULL]);

    expect(plan).toMatchObject({ sizeBytes: 250, dataBytes: 250, zeros: [] });
    expect(plan.objects.map(({ name }) => name)).toEqual(['full-1', 'full-2', 'full-3']);
  });

  it('takes each byte from its newest writer (F-8)', () => {
    expect(livesOf([layer('inc2', [[90, 20]]), layer('inc1', [[80, 20]]), FULL])).toEqual({
      'full-1': [[0, 80]],
      'inc1-1': [[80, 10]],
      'inc2-1': [[90, 20]],
      'full-2': [[110, 90]],
      'full-3': [[200, 50]],
    });
  });

  it('keeps what an object has left on both sides of a newer one', () => {
    const lives = livesOf([
      layer('inc1', [
        [10, 10],
        [50, 10],
      ]),
      FULL,
    ]);

    expect(lives['full-1']).toEqual([
      [0, 10],
      [20, 30],
      [60, 40],
    ]);
  });

  it('does not plan an object that newer ones cover together', () => {
    const lives = livesOf([layer('inc2', [[150, 100]]), layer('inc1', [[100, 60]]), FULL]);

    expect(Object.keys(lives)).toEqual(['full-1', 'inc1-1', 'inc2-1']);
  });

  it('takes an increment without objects for a volume that did not change (F-7)', () => {
    expect(livesOf([layer('inc1', []), FULL])).toEqual(livesOf([FULL]));
  });

  it('puts the objects in the order of their first live byte, whatever the order of the metadata', () => {
    const { objects } = planRestore([
      layer('full', [
        [200, 50],
        [0, 100],
        [100, 100],
      ]),
    ]);

    expect(objects.map(({ offsetBytes }) => offsetBytes)).toEqual([0, 100, 200]);
  });

  it('drops what is known to be zero, and with it the objects that hold nothing else', () => {
    const zeros = [{ offsetBytes: 50, lengthBytes: 175 }];
    const plan = withZeros(planRestore([FULL]), zeros);

    expect(plan.zeros).toEqual(zeros);
    expect(plan.dataBytes).toBe(75);
    expect(plan.objects.map(({ name, live }) => [name, live])).toEqual([
      ['full-1', [{ offsetBytes: 0, lengthBytes: 50 }]],
      ['full-3', [{ offsetBytes: 225, lengthBytes: 25 }]],
    ]);
  });

  it.each([
    [
      'a hole in the full backup',
      [
        layer('full', [
          [0, 100],
          [150, 100],
        ]),
      ],
      /^Backup full is damaged: nothing covers bytes 100 to 150 of the volume\.$/,
    ],
    [
      'a full backup that begins late',
      [layer('full', [[8, 100]])],
      /^Backup full is damaged: nothing covers bytes 0 to 8 /,
    ],
    [
      'a full backup without objects',
      [layer('inc1', [[0, 100]]), layer('full', [])],
      /^Backup full is damaged: it is a full backup without objects\.$/,
    ],
    [
      'an overlap within the full backup',
      [
        layer('full', [
          [0, 100],
          [99, 100],
        ]),
      ],
      /^Backup full is damaged: object full-2 begins at 99, before its predecessor's end at 100\.$/,
    ],
    [
      'an overlap within an increment',
      [
        layer('inc1', [
          [50, 10],
          [50, 10],
        ]),
        FULL,
      ],
      /^Backup inc1 is damaged: object inc1-2 begins at 50, before its predecessor's end at 60\.$/,
    ],
    [
      'an increment behind the end of the volume',
      [layer('inc1', [[240, 11]]), FULL],
      /^Backup inc1 is damaged: object inc1-1 ends at 251, outside the volume of 250 bytes\.$/,
    ],
  ])('refuses %s', (_, layers, message) => {
    expect(refusalOf(() => planRestore(layers))).toMatchObject({
      code: 'BackupDamaged',
      message: expect.stringMatching(message),
    });
  });

  it('plans 100 links with 100,000 objects', () => {
    const blockBytes = 4096;
    const full = layer(
      'full',
      Array.from({ length: 50_000 }, (_, index) => [index * blockBytes, blockBytes] as const),
    );
    // 7919 is prime, so that each increment is spread over the whole volume.
    const increments = Array.from({ length: 99 }, (_, link) =>
      layer(
        `inc${link}`,
        Array.from(
          { length: 506 },
          (__, index) => [(((link * 506 + index) * 7919) % 50_000) * blockBytes, blockBytes] as const,
        ),
      ),
    );

    const plan = planRestore([...increments, full]);

    expect(plan.objects).toHaveLength(50_000);
    expect(plan.dataBytes).toBe(50_000 * blockBytes);
  });

  it('plans one link with more objects than a call can have arguments', () => {
    const plan = planRestore([
      layer(
        'full',
        Array.from({ length: 200_000 }, (_, index) => [index, 1] as const),
      ),
    ]);

    expect(plan.objects).toHaveLength(200_000);
  });
});
