import { open } from 'node:fs/promises';
import type { Checkpoint } from '../../src/domain/checkpoint';
import { endOf } from '../../src/domain/extent';
import type { BackupImage } from '../../src/image/backup-image';
import { sha256 } from '../../src/image/block-hashes';
import type { MoveJob, Movers } from '../../src/mover/mover';
import { eventually } from '../support/eventually';
import { moversOf } from '../support/processes';
import { eventsOf } from './movers-contract';

/** What a mover that was killed leaves to the next attempt. */
export interface LeftBehind {
  readonly checkpoint: Checkpoint | null;
  /** So much of the image's data is on the volume as it must be. */
  readonly rightBytes: number;
}

export interface KillAt {
  /** The volume's file. */
  readonly file: string;
  readonly image: BackupImage;
  readonly atByte: number;
}

/**
 * A restore whose mover is killed by SIGKILL when it asks for leave to write the byte at `atByte`, so that it can't have finished;
 * unless that is its first question, some of its data is on the volume by then, and more may be in flight. An image without data
 * has nothing to ask for: its mover is killed at its first sign of life, which it may be too fast for.
 */
export async function killedRestore(
  movers: Movers,
  job: MoveJob,
  { file, image, atByte }: KillAt,
): Promise<LeftBehind> {
  const hasData = image.plan.dataBytes > 0;
  let checkpoint: Checkpoint | null = null;
  let askedBytes = 0;
  const permit = async (bytes: number): Promise<number> => {
    const isFirst = askedBytes === 0;
    askedBytes += bytes;
    if (askedBytes < atByte) return bytes;
    if (!isFirst) await eventually(async () => (await rightBytesOn(file, image)) || null);
    killMovers();
    return bytes;
  };
  const saveCheckpoint = async (reached: Checkpoint): Promise<void> => {
    checkpoint = reached;
  };
  const onProgress = (): void => {
    if (!hasData) killMovers();
  };
  const restored = movers.restoreBackup(job, eventsOf({ permit, saveCheckpoint, onProgress }));
  if (hasData) await expect(restored).rejects.toThrow('The mover process ended in the middle of a move (SIGKILL).');
  else await restored.catch(() => undefined);
  return { checkpoint, rightBytes: await rightBytesOn(file, image) };
}

function killMovers(): void {
  for (const pid of moversOf(process.pid)) process.kill(pid, 'SIGKILL');
}

/** By the hashes of the backup; of the blocks that come from one object each. */
async function rightBytesOn(file: string, { plan, hashes }: BackupImage): Promise<number> {
  if (!hashes) throw new Error('Without hashes nobody can tell.');
  const { blockBytes } = hashes;
  const handle = await open(file);
  try {
    let rightBytes = 0;
    for (const extent of plan.objects.flatMap(({ live }) => live)) {
      const first = Math.ceil(extent.offsetBytes / blockBytes);
      for (let index = first; index * blockBytes < endOf(extent); index += 1) {
        const lengthBytes = Math.min(blockBytes, plan.sizeBytes - index * blockBytes);
        if (index * blockBytes + lengthBytes > endOf(extent)) continue;
        const { buffer } = await handle.read(Buffer.alloc(lengthBytes), 0, lengthBytes, index * blockBytes);
        if (hashes.matches(index, sha256(buffer))) rightBytes += lengthBytes;
      }
    }
    return rightBytes;
  } finally {
    await handle.close();
  }
}
