import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { posixBackupDriver } from '../../src/drivers/backup/posix';
import type { BackupLink } from '../../src/domain/backup';
import type { Extent } from '../../src/domain/extent';
import { sha256 } from '../../src/image/block-hashes';
import type { BackupImage, PlannedObject } from '../../src/image/backup-image';
import { openBackupImage } from '../../src/image/open';

/** Opens a chain of a posix repository. */
export function openFrom(repoRoot: string, chain: readonly BackupLink[]): Promise<BackupImage> {
  const store = posixBackupDriver({ root: repoRoot });
  return openBackupImage({ chain, storeOf: () => store });
}

/**
 * Writes what the plan says, and nothing else, into a file that held only `0xa5` before (or nothing, where that would
 * take too long), the way a copy would: whatever the plan leaves out stays visible.
 */
export async function assemble(image: BackupImage, file: string, { poison = true } = {}): Promise<void> {
  const handle = await open(file, 'w+');
  try {
    await handle.truncate(image.plan.sizeBytes);
    if (poison) await fill(handle, { offsetBytes: 0, lengthBytes: image.plan.sizeBytes }, 0xa5);
    for (const object of image.plan.objects) await writeObject(image, object, handle);
    if (poison) for (const extent of image.plan.zeros) await fill(handle, extent, 0);
  } finally {
    await handle.close();
  }
}

export interface Content {
  readonly sha256: string;
  /** The indices of the blocks that aren't what the image's hashes say. */
  readonly wrongBlocks: readonly number[];
}

/** Hashes a file as a whole and block by block, in one pass. */
export async function contentOf(file: string, { hashes, plan }: BackupImage): Promise<Content> {
  const blockBytes = hashes?.blockBytes ?? plan.sizeBytes;
  const whole = createHash('sha256');
  const wrongBlocks: number[] = [];
  let index = 0;
  // Every block size of the fixtures divides 1 MiB, so that no block spans two pieces.
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = piece as Buffer;
    whole.update(bytes);
    for (let at = 0; at < bytes.length && hashes; at += blockBytes) {
      if (!hashes.matches(index, sha256(bytes.subarray(at, at + blockBytes)))) wrongBlocks.push(index);
      index += 1;
    }
  }
  return { sha256: whole.digest('hex'), wrongBlocks };
}

/** Decodes one object as a whole. */
export async function readWhole(image: BackupImage, object: PlannedObject): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const { data } of image.readLive({ ...object, live: [object] })) pieces.push(Buffer.from(data));
  return Buffer.concat(pieces);
}

async function writeObject(image: BackupImage, object: PlannedObject, handle: FileHandle): Promise<void> {
  for await (const { offsetBytes, data } of image.readLive(object)) {
    await handle.write(data, 0, data.length, offsetBytes);
  }
}

async function fill(handle: FileHandle, { offsetBytes, lengthBytes }: Extent, byte: number): Promise<void> {
  const block = Buffer.alloc(Math.min(lengthBytes, 1 << 20), byte);
  for (let done = 0; done < lengthBytes; done += block.length) {
    await handle.write(block, 0, Math.min(block.length, lengthBytes - done), offsetBytes + done);
  }
}
