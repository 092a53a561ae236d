import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Checkpoint } from '../../src/domain/checkpoint';
import { Refusal } from '../../src/domain/errors';
import type { Progress } from '../../src/domain/progress';
import type { VolumeMeta } from '../../src/domain/volume-metadata';
import { fileVolumeDriver } from '../../src/drivers/volume/file';
import type { VolumeDriver, VolumeOnPool } from '../../src/drivers/volume/driver';
import type { MoveEvents, MoveJob, Movers } from '../../src/mover/mover';
import type { MoverSettings } from '../../src/mover/protocol';
import { damageableCopy, fixture } from '../support/fixtures';
import { sha256OfVolume } from '../support/volume-content';
import { writeBackup } from '../support/write-backup';
import type { WrittenChain } from '../support/write-backup';

const MIB = 1024 ** 2;

/** A folder with a pool, and what a mover of it is told. */
export class MoverLab {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'rekindle-mover-'));
  readonly driver: VolumeDriver = fileVolumeDriver({ ...this.settings('').backends[0]!, ...this.backend() });

  backend(): { host: string; backend: string; availabilityZone: string } {
    return { host: 'node1', backend: 'files', availabilityZone: 'nova' };
  }

  settings(repository: string): MoverSettings {
    return {
      ...this.backend(),
      backends: [{ name: 'files', driver: 'file', pools: [{ name: 'pool', path: this.folder }] }],
      repositories: [{ driver: 'posix', path: repository }],
      allowUnverified: false,
      readers: 2,
    };
  }

  async newVolume(): Promise<VolumeOnPool> {
    const volume = { id: randomUUID(), sizeGib: 1, poolName: 'node1@files#pool' };
    await this.driver.createVolume(volume);
    return volume;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export function jobOf(volume: VolumeOnPool, chain: MoveJob['chain'], job: Partial<MoveJob> = {}): MoveJob {
  return { volume, chain, epoch: 1, checkpoint: null, overwrites: false, readBack: false, ...job };
}

export function eventsOf(events: Partial<MoveEvents> = {}): MoveEvents {
  return {
    signal: new AbortController().signal,
    onProgress: () => undefined,
    confirm: async () => undefined,
    onPlanned: async () => undefined,
    saveCheckpoint: async () => undefined,
    permit: async (bytes) => bytes,
    ...events,
  };
}

/** A full backup of 96 MiB in objects of 8 MiB. */
export function largeBackup(
  root: string,
  codec: 'none' | 'zlib' = 'none',
): WrittenChain & { readonly content: Buffer } {
  const content = Buffer.alloc(96 * MIB);
  for (let at = 0; at < content.length; at += 16) content.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
  const chain = writeBackup({ root, states: [content], codec, objectBytes: 8 * MIB, blockBytes: 32_768 });
  return { ...chain, content };
}

/** What all movers owe to whoever calls them: the contract on `Movers`. */
export function describeMovers(
  kind: string,
  make: (settings: MoverSettings) => { readonly movers: Movers; readonly stop: () => Promise<void> },
): void {
  describe(`movers ${kind}: the contract`, () => {
    let lab: MoverLab;
    let stop: () => Promise<void> = async () => undefined;

    beforeEach(() => {
      lab = new MoverLab();
    });
    afterEach(async () => {
      await stop();
      lab.remove();
    });

    function moversOf(repository: string): Movers {
      const made = make(lab.settings(repository));
      stop = made.stop;
      return made.movers;
    }

    it.each(['none-c4m-s32k-odd', 'zlib-c4m-s32k-odd', 'bz2-c4m-s32k-sec', 'zstd-c4m-s32k-sec'] as const)(
      'restores %s, and says how much it moved and where it lies',
      async (name) => {
        const { repoRoot, links, contentSha256, volumeBytes } = fixture(name);
        const volume = await lab.newVolume();
        const seen: Progress[] = [];
        const events = eventsOf({ onProgress: (progress) => seen.push(progress) });
        const moved = await moversOf(repoRoot).restoreBackup(jobOf(volume, links('inc3')), events);
        expect(await sha256OfVolume(moved.location, volumeBytes)).toBe(contentSha256('inc3'));
        expect(moved).toMatchObject({ location: lab.driver.locate(volume), copiedBytes: moved.dataBytes });
        const lastOfCopy = seen.filter(({ phase }) => phase === 'copy').at(-1);
        expect(lastOfCopy).toMatchObject({ doneBytes: moved.dataBytes, totalBytes: moved.dataBytes });
      },
    );

    it('reads everything back from the disk when it is told to', async () => {
      const { repoRoot, links } = fixture('zlib-c4m-s32k-odd');
      const volume = await lab.newVolume();
      const moved = await moversOf(repoRoot).restoreBackup(
        jobOf(volume, links('inc3'), { readBack: true }),
        eventsOf(),
      );
      expect(moved.verifyMs).toBeGreaterThan(0);
    });

    it("tells what the backup says of its volume before it tries the driver's own way", async () => {
      const { repoRoot, links } = fixture('zlib-c4m-s32k-odd');
      const planned: (VolumeMeta | null)[] = [];
      const onPlanned = async (volumeMeta: VolumeMeta | null): Promise<void> => void planned.push(volumeMeta);
      const volume = { ...(await lab.newVolume()), id: randomUUID() };
      const result = await moversOf(repoRoot).createFromBackup(jobOf(volume, links('full')), eventsOf({ onPlanned }));
      expect(result).toMatchObject({ kind: 'not-supported', reason: expect.stringContaining('compressed') });
      expect(planned).toHaveLength(1);
    });

    it.each(['none-c4m-s32k-odd', 'zlib-c4m-s32k-odd'] as const)(
      'plans what it then does with %s, and touches nothing meanwhile',
      async (name) => {
        const { repoRoot, links } = fixture(name);
        const volume = { id: randomUUID(), sizeGib: 1, poolName: 'node1@files#pool' };
        const movers = moversOf(repoRoot);
        const before = await readdir(lab.folder);
        const plan = await movers.planRestore({ volume, sizeGib: 1, chain: links('inc3') }, eventsOf());
        expect(await readdir(lab.folder)).toEqual(before);

        const job = jobOf(volume, links('inc3'));
        const native = await movers.createFromBackup(job, eventsOf());
        if (native.kind === 'created') {
          expect(plan).toMatchObject({ path: { mode: 'native' }, dataBytes: native.moved.dataBytes, codec: 'none' });
          return;
        }
        await lab.driver.createVolume(volume);
        const { dataBytes, codec } = await movers.restoreBackup({ ...job, epoch: 2 }, eventsOf());
        expect(plan).toMatchObject({ path: { mode: 'copy', reason: native.reason }, dataBytes, codec });
      },
    );

    it('plans without a pool, and refuses as it would in earnest', async () => {
      const { repoRoot, links } = fixture('zlib-c4m-s32k-odd');
      const chain = links('inc3');
      const movers = moversOf(repoRoot);
      const plan = await movers.planRestore({ volume: null, sizeGib: 1, chain }, eventsOf());
      expect(plan).toMatchObject({ path: { mode: null, reason: 'no pool takes the volume' } });
      const broken = movers.planRestore({ volume: null, sizeGib: 1, chain: chain.slice(0, 1) }, eventsOf());
      await expect(broken).rejects.toMatchObject({ code: 'BackupDamaged' });
    });

    it('passes a refusal on as it is, with the object and both hashes (W-7)', async () => {
      const repository = damageableCopy(fixture('none-c4m-s32k-odd'));
      const chain = fixture('none-c4m-s32k-odd').links('full');
      const object = repository.pathOf(chain[0]!, '-00001');
      const data = await readFile(object);
      data[100]! ^= 1;
      await writeFile(object, data);
      const failure: unknown = await moversOf(repository.repoRoot)
        .restoreBackup(jobOf(await lab.newVolume(), chain), eventsOf())
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Refusal);
      expect(failure).toMatchObject({
        code: 'BackupDamaged',
        message: expect.stringMatching(/-00001: SHA-256 of the block at byte 0 .* is [0-9a-f]{64}, but /),
      });
      repository.dispose();
    });

    it('passes an error on that may be gone at the next attempt', async () => {
      const movers = moversOf(path.join(lab.folder, 'not mounted'));
      const { links } = fixture('zlib-c4m-s32k-odd');
      const failure: unknown = await movers
        .restoreBackup(jobOf(await lab.newVolume(), links('full')), eventsOf())
        .catch((error: unknown) => error);
      expect(failure).not.toBeInstanceOf(Refusal);
      expect(failure).toMatchObject({ message: expect.stringContaining('is it mounted?') });
    });

    it('goes on where an aborted attempt was, which writes no more once it has ended', async () => {
      const root = path.join(lab.folder, 'backups');
      const { links, content } = largeBackup(root);
      const movers = moversOf(root);
      const volume = await lab.newVolume();
      const abort = new AbortController();
      const reason = new Error('cancelled by the test');
      let checkpoint: Checkpoint | null = null;
      const saveCheckpoint = async (reached: Checkpoint): Promise<void> => {
        checkpoint = reached;
        abort.abort(reason);
      };
      const first = movers.restoreBackup(jobOf(volume, links), eventsOf({ signal: abort.signal, saveCheckpoint }));
      await expect(first).rejects.toBe(reason);

      const second = await movers.restoreBackup(jobOf(volume, links, { epoch: 2, checkpoint }), eventsOf());
      expect(second.copiedBytes).toBeLessThanOrEqual(content.length - 32 * MIB);
      expect((await readFile(second.location)).subarray(0, content.length).equals(content)).toBe(true);
    });

    it('ends when its checkpoint is refused because a successor has taken over', async () => {
      const root = path.join(lab.folder, 'backups');
      const { links } = largeBackup(root);
      const saveCheckpoint = async (): Promise<void> => Promise.reject(new Refusal('Fenced', 'replaced'));
      const move = moversOf(root).restoreBackup(jobOf(await lab.newVolume(), links), eventsOf({ saveCheckpoint }));
      await expect(move).rejects.toMatchObject({ code: 'Fenced', message: 'replaced' });
    });

    it('moves no more than it is permitted', async () => {
      const root = path.join(lab.folder, 'backups');
      const { links, content } = largeBackup(root);
      let permittedBytes = 0;
      const permit = async (bytes: number): Promise<number> => {
        permittedBytes += bytes;
        return bytes;
      };
      const { dataBytes } = await moversOf(root).restoreBackup(
        jobOf(await lab.newVolume(), links),
        eventsOf({ permit }),
      );
      expect({ dataBytes, permittedBytes }).toEqual({ dataBytes: content.length, permittedBytes: content.length });
    });
  });
}
