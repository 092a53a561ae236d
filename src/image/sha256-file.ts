import { z } from 'zod';
import { blockHashes } from './block-hashes';
import type { BlockHashes } from './block-hashes';
import { damagedObject } from './damage';
import type { ObjectOfBackup } from './damage';
import { describeIssue, parseJson, versionSchema } from './metadata';
import { PackedHashes } from './packed-hashes';

/** F-5 without the hashes, which are read apart from it. */
const frameSchema = z.object({
  version: versionSchema,
  chunk_size: z.int().positive(),
  sha256s: z.tuple([]),
});

/** Names and descriptions are the longest that may stand around the hashes. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** Can't be text inside of a string, where quotes are escaped. */
const START_OF_HASHES = /"sha256s"\s*:\s*\[/;

/**
 * Reads `P_sha256file` (F-5) as a stream: that of a 1 TiB volume is larger than any string may be. Everything but the
 * hashes is put together again and parsed as JSON.
 * @throws Refusal('BackupDamaged')
 */
export async function readSha256File(pieces: AsyncIterable<Uint8Array>, where: ObjectOfBackup): Promise<BlockHashes> {
  const hashes = new PackedHashes((entry) =>
    damagedObject(where, `is not a list of hashes: entry ${entry} is not a SHA-256`),
  );
  let head: Buffer = Buffer.alloc(0);
  let hasHashes = false;
  let tail: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    let rest = piece;
    if (!hasHashes) {
      head = Buffer.concat([head, piece]);
      const start = START_OF_HASHES.exec(head.toString('latin1'));
      const headBytes = start ? start.index + start[0].length : head.length;
      hasHashes = start !== null;
      rest = head.subarray(headBytes);
      head = head.subarray(0, headBytes);
    }
    if (hasHashes && !hashes.isComplete) rest = rest.subarray(hashes.read(rest));
    if (hashes.isComplete) tail = Buffer.concat([tail, rest]);
    if (head.length + tail.length > MAX_FRAME_BYTES) throw damagedObject(where, 'is not a list of hashes');
  }
  const closing = Buffer.from(hashes.isComplete ? ']' : '');
  const frame = parseFrame(Buffer.concat([head, closing, tail]).toString('utf8'), where);
  return blockHashes(frame.chunk_size, hashes.packed());
}

function parseFrame(text: string, where: ObjectOfBackup): z.infer<typeof frameSchema> {
  const result = frameSchema.safeParse(parseJson(text, where));
  if (!result.success) throw damagedObject(where, describeIssue(result.error));
  return result.data;
}
