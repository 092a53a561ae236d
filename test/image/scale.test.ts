import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from '../../src/image/block-hashes';
import { runScript } from '../support/child-process';
import { writeBackup } from '../support/write-backup';
import { assemble, contentOf, openFrom } from './assemble';
import { writeMany } from './many-objects';
import type { Planning } from './many-objects';

const MIB = 1024 ** 2;

describe('a backup of many parts', () => {
  it('F-1: 100,000 objects, with numbers of six digits, are planned within 200 MiB', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'rekindle-scale-'));
    writeMany(folder, 100_000);
    const many = `require('./test/image/many-objects.ts')`;
    const script = await runScript(`report(await ${many}.planMany(${JSON.stringify(folder)}, 100_000));`);
    await script.kill();
    rmSync(folder, { recursive: true });
    const planning = script.reported as Planning;

    expect(planning.objects).toBe(100_000);
    expect(planning.sizeBytes).toBe(51_200_000);
    expect(planning.names).toEqual([expect.stringMatching(/-00001$/), expect.stringMatching(/-100000$/)]);
    expect(planning.peakBytes - planning.baseBytes).toBeLessThan(200 * MIB);
  });

  it('F-8: a chain of 100 links is restored from its files, each increment on all that is older', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'rekindle-scale-'));
    try {
      const states = [Buffer.alloc(64 * 1024 + 7, 'the full backup ')];
      for (let link = 1; link < 100; link += 1) {
        const state = Buffer.from(states.at(-1)!);
        const at = (link * 7919) % state.length;
        state.fill(link % 3 === 0 ? '\0' : `link ${link} `, at, Math.min(at + 3000, state.length));
        states.push(state);
      }
      const { root, links } = writeBackup({ root: path.join(folder, 'repository'), states, blockBytes: 512 });

      for (const from of [0, 1, 50, 99]) {
        const image = await openFrom(root, links.slice(from));
        await assemble(image, path.join(folder, 'image'));
        expect(await contentOf(path.join(folder, 'image'), image)).toEqual({
          sha256: sha256(states[99 - from]!).toString('hex'),
          wrongBlocks: [],
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
