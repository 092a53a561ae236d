import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endOf } from '../../src/domain/extent';
import type { RestorePlan } from '../../src/image/backup-image';
import { byOffset } from '../../src/domain/extents';
import { BIG_FIXTURES, LABELS, SMALL_FIXTURES, fixture } from '../support/fixtures';
import { assemble, contentOf, openFrom } from './assemble';

const EVERY_BACKUP = [...SMALL_FIXTURES, ...BIG_FIXTURES].flatMap((name) => LABELS.map((label) => ({ name, label })));

describe("a backup image of Cinder's own backups", () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'rekindle-image-'));
  const file = path.join(dir, 'image');
  afterAll(() => rmSync(dir, { recursive: true }));

  it.each(EVERY_BACKUP)('is the volume as it was (F-1 to F-8, W-1): $name $label', async ({ name, label }) => {
    const { repoRoot, volumeBytes, links, contentSha256 } = fixture(name);
    const image = await openFrom(repoRoot, links(label));

    await assemble(image, file, { poison: volumeBytes < 2 ** 30 });

    expect(image.plan.sizeBytes).toBe(volumeBytes);
    expect(await contentOf(file, image)).toEqual({ sha256: contentSha256(label), wrongBlocks: [] });
  });

  it.each(EVERY_BACKUP)('has each byte exactly once in its plan: $name $label', async ({ name, label }) => {
    const { repoRoot, volumeBytes, links } = fixture(name);
    const { plan } = await openFrom(repoRoot, links(label));

    expect(holesAndOverlaps(plan)).toEqual([]);
    expect(plan.dataBytes + plan.zeros.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(volumeBytes);
    expect(plan.objects.filter(({ live }) => live.length === 0)).toEqual([]);
  });
});

/** The offsets where an extent of the plan doesn't begin where the one before it ended. */
function holesAndOverlaps({ zeros, objects }: RestorePlan): number[] {
  const extents = [...zeros, ...objects.flatMap(({ live }) => live)].sort(byOffset);
  return extents
    .map(({ offsetBytes }) => offsetBytes)
    .filter((offset, index) => offset !== endOf(extents[index - 1] ?? START));
}

const START = { offsetBytes: 0, lengthBytes: 0 };
