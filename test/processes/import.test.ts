import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fixture, LABELS } from '../support/fixtures';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { startProduct } from '../support/product-process';
import { volumeSha256 } from '../support/volume-content';

jest.setTimeout(120_000);

const chain = fixture('none-c4m-s32k-odd');

let house: House;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rekindle-import-'));
  house = await startHouse({ repository: chain.repoRoot });
  const { config, database } = house;
  // YAML holds JSON.
  const written = { ...config, database: { ...config.database, url: database.url } };
  writeFileSync(path.join(folder, 'rekindle.yml'), JSON.stringify(written));
});
afterAll(async () => {
  await house.stop();
  rmSync(folder, { recursive: true });
});

/** What a person at the terminal sees, and what a script does. */
async function rekindle(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const product = startProduct('src/rekindle.ts', { REKINDLE_CONFIG: path.join(folder, 'rekindle.yml') }, args);
  const { code } = await product.ended;
  return { code, stdout: product.stdout(), stderr: product.stderr() };
}

const TABLE = (takenIn: number, alreadyThere: number, refused: number): RegExp =>
  new RegExp(`taken in +${takenIn}\nalready there +${alreadyThere}\nfound twice +0\nnot taken in +${refused}`);

describe('rekindle import', () => {
  it('rebuilds the records of a repository whose database is lost; what is restored from them is right', async () => {
    const { code, stdout, stderr } = await rekindle('import', '--repository', '--project', PROJECT);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(TABLE(4, 0, 0));

    for (const label of LABELS) {
      const volumeId = await house.create({ backupId: chain.links(label)[0]!.id });
      expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
      expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256(label));
    }
  });

  it('takes in a folder of records, which are there already, and says by its code and a table what it could not read', async () => {
    for (const label of LABELS) {
      writeFileSync(path.join(folder, `${label}.json`), JSON.stringify(chain.record(label)));
    }
    symlinkSync('/etc/passwd', path.join(folder, 'passwd'));
    writeFileSync(path.join(folder, 'a\u001b[31mred'), '');

    const { code, stdout } = await rekindle('import', folder);

    // The configuration lies there too.
    expect(code).toBe(1);
    expect(stdout).toMatch(TABLE(0, 4, 3));
    expect(stdout).toMatch(/passwd +is neither a file nor a folder/);
    expect(stdout).toMatch(/rekindle.yml +holds no record/);
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    ['nothing to import', ['import']],
    ['two things', ['import', 'folder', '--repository']],
    ['an option that there is not', ['import', '--everything']],
    ['a folder that is not there', ['import', '/nowhere/at/all']],
    ['another command', ['restore']],
  ])('ends with 2 and one sentence for %s', async (_what, args) => {
    const { code, stdout, stderr } = await rekindle(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^.+\n$/);
  });
});
