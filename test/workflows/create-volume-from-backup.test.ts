import { statSync } from 'node:fs';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import { BIG_FIXTURES, fixture, LABELS, SMALL_FIXTURES } from '../support/fixtures';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import { volumeSha256 } from '../support/volume-content';

describe('creating a volume from a backup', () => {
  let house: House;

  describe.each([...SMALL_FIXTURES, ...BIG_FIXTURES])('%s, written by Cinder', (name) => {
    const chain = fixture(name);

    beforeAll(async () => {
      house = await startHouse({ repository: chain.repoRoot });
      await house.importChain(chain);
    });
    afterAll(() => house.stop());

    it.each(LABELS)('restores %s to the right bytes, and frees the backup (S-45, W-1)', async (label) => {
      const backupId = chain.links(label)[0]!.id;

      const volumeId = await house.create({ backupId });
      const volume = await house.settled(volumeId);

      expect(volume).toMatchObject({ status: 'available', sizeGib: 1, metadata: { src_backup_id: backupId } });
      expect(await house.backup(backupId)).toMatchObject({ status: 'available' });
      const file = path.join(house.poolPath(), `volume-${volumeId}`);
      expect(statSync(file).size).toBe(GIB);
      expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256(label));
    });
  });
});
