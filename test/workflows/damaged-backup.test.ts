import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { BackupLink } from '../../src/domain/backup';
import { expectCleanSlate, messagesOf } from '../support/clean-slate';
import { withoutNativeWay } from '../support/drivers';
import { damageableCopy, fixture } from '../support/fixtures';
import type { DamageableCopy } from '../support/fixtures';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import { editMetadata } from '../support/write-backup';

interface Damage {
  readonly what: string;
  readonly inflict: (repository: DamageableCopy, leaf: BackupLink, full: BackupLink, house: House) => unknown;
  /** What the user's message must name. */
  readonly says: RegExp;
}

/** In the full backup's fourth object: no incremental has replaced it. */
const LIVE_BYTE = 1_500_000;
const HASH = '[0-9a-f]{64}';

const DAMAGES: readonly Damage[] = [
  {
    what: 'a flipped bit in an object (W-7)',
    inflict: ({ pathOf }, _leaf, full) => flipBit(pathOf(full, '-00004'), LIVE_BYTE),
    says: new RegExp(`object .*-00004.*${HASH}.*${HASH}`),
  },
  {
    what: 'a truncated object (W-7)',
    inflict: ({ pathOf }, _leaf, full) => truncateSync(pathOf(full, '-00006'), 1000),
    says: /object .*-00006/,
  },
  {
    what: 'a missing object (F-9)',
    inflict: ({ pathOf }, _leaf, full) => rmSync(pathOf(full, '-00006')),
    says: /-00006/,
  },
  {
    what: 'missing metadata (F-1)',
    inflict: ({ pathOf }, leaf) => rmSync(pathOf(leaf, '_metadata')),
    says: /_metadata/,
  },
  {
    what: 'metadata that is no JSON (F-2)',
    inflict: ({ pathOf }, leaf) => writeFileSync(pathOf(leaf, '_metadata'), '{"version":'),
    says: /_metadata.*JSON/,
  },
  {
    what: 'metadata of another version (F-2)',
    inflict: ({ pathOf }, leaf) => editMetadata(pathOf(leaf, '_metadata'), (metadata) => (metadata.version = '2.0.0')),
    says: /version.*2\.0\.0/,
  },
  {
    what: 'a missing parent (S-14, W-26)',
    inflict: (_repository, leaf, _full, { database }) =>
      database.query('delete from backups where id = $1', [leaf.parentId]),
    says: /parent|broken/,
  },
  {
    what: 'a loop of parents',
    inflict: (_repository, leaf, full, { database }) =>
      database.query('update backups set parent_id = $2 where id = $1', [full.id, leaf.id]),
    says: /leads back/,
  },
  {
    what: 'extents outside of the volume',
    inflict: ({ pathOf }, leaf) =>
      editMetadata(pathOf(leaf, '_metadata'), (metadata) => {
        const [object] = metadata.objects.flatMap((entry) => Object.values(entry));
        object!.offset = 1024 ** 3;
      }),
    says: /outside the volume/,
  },
];

describe('creating a volume from a damaged backup', () => {
  const chain = fixture('none-c4m-s32k-odd');

  it.each(DAMAGES)(
    'ends in error, with the backup free and a message that names it: $what',
    async ({ inflict, says }) => {
      const repository = damageableCopy(chain);
      // No native way here: with the objects out of reach of copy_file_range the bytes go through the copy engine.
      const house = await startHouse({ repository: repository.repoRoot, aroundDriver: withoutNativeWay });
      try {
        const links = chain.links('inc3');
        const backupId = await house.importChain(chain);
        await inflict(repository, links[0]!, links[links.length - 1]!, house);

        const volumeId = await house.create({ backupId });
        const closed = await house.closed(volumeId);

        expect(closed).toBe('FAILED');
        await expectCleanSlate(house, volumeId, backupId);
        expect(await messagesOf(house, volumeId)).toEqual([expect.stringMatching(says)]);
      } finally {
        await house.stop();
        repository.dispose();
      }
    },
  );

  it('finds it also behind the native way, which moves the bytes without looking at them', async () => {
    const repository = damageableCopy(chain);
    const house = await startHouse({ repository: repository.repoRoot });
    try {
      const links = chain.links('inc3');
      const backupId = await house.importChain(chain);
      flipBit(repository.pathOf(links[links.length - 1]!, '-00004'), LIVE_BYTE);

      const volumeId = await house.create({ backupId });
      await house.closed(volumeId);

      await expectCleanSlate(house, volumeId, backupId);
      const [message] = await messagesOf(house, volumeId);
      expect(message).toMatch(new RegExp(`-00004.*${HASH}.*${HASH}`));
    } finally {
      await house.stop();
      repository.dispose();
    }
  });
});

function flipBit(file: string, offset: number): void {
  const content = readFileSync(file);
  content[offset] = content[offset]! ^ 1;
  writeFileSync(file, content);
}
