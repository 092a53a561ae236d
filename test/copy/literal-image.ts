import { createHash } from 'node:crypto';
import type { Extent } from '../../src/domain/extent';
import { endOf } from '../../src/domain/extent';
import type { BackupImage, PlannedObject, RestorePlan } from '../../src/image/backup-image';
import { blockHashes, sha256 } from '../../src/image/block-hashes';
import { liveOf } from '../../src/image/live-pieces';
import type { DecodedPiece } from '../../src/image/live-pieces';

const LINK = {
  id: 'b1',
  parentId: null,
  volumeId: 'v1',
  sizeGib: 1,
  service: 'cinder.backup.drivers.posix.PosixBackupDriver',
  container: null,
  serviceMetadata: 'p',
  objectCount: 1,
};

/** One object and where its bytes stand in the final image; all of them, unless `live` says less. */
export interface LiteralObject {
  readonly name: string;
  readonly offsetBytes: number;
  readonly data: Buffer;
  readonly live?: readonly Extent[];
}

export interface LiteralImage {
  readonly sizeBytes: number;
  readonly objects: readonly LiteralObject[];
  /** null: the backup has no SHA-256 of its blocks. */
  readonly blockBytes: number | null;
  /** What the hashes were recorded of, where that isn't what the objects hold: a damaged backup. */
  readonly recordedOf?: Buffer;
  /** In how many bytes at once the objects are read. */
  readonly pieceBytes?: number;
}

/** The final content: live bytes in their places, zeros elsewhere. */
export function contentOf({ sizeBytes, objects }: Pick<LiteralImage, 'sizeBytes' | 'objects'>): Buffer {
  const content = Buffer.alloc(sizeBytes);
  for (const object of objects) {
    for (const { offsetBytes, lengthBytes } of liveExtentsOf(object)) {
      const from = offsetBytes - object.offsetBytes;
      object.data.copy(content, offsetBytes, from, from + lengthBytes);
    }
  }
  return content;
}

/** A backup image of data that stands in the test. */
export function literalImage(literal: LiteralImage): BackupImage {
  const { blockBytes, recordedOf = contentOf(literal), pieceBytes = 1024 ** 2 } = literal;
  const dataOf = new Map(literal.objects.map((object) => [object.name, object.data]));
  return {
    backupId: LINK.id,
    plan: planOf(literal),
    hashes: blockBytes === null ? null : blockHashes(blockBytes, hashesOf(recordedOf, blockBytes)),
    volumeMeta: null,
    readLive: (object) => liveOf(piecesOf(dataOf.get(object.name)!, object.offsetBytes, pieceBytes), object),
    localRanges: async () => null,
  };
}

async function* piecesOf(data: Buffer, offsetBytes: number, pieceBytes: number): AsyncGenerator<DecodedPiece> {
  for (let at = 0; at < data.length; at += pieceBytes) {
    yield { offsetBytes: offsetBytes + at, data: data.subarray(at, at + pieceBytes) };
  }
}

function planOf({ sizeBytes, objects }: LiteralImage): RestorePlan {
  const planned = objects.map((object): PlannedObject => {
    const { name, offsetBytes, data } = object;
    const md5 = createHash('md5').update(data).digest('hex');
    const [lengthBytes, live] = [data.length, liveExtentsOf(object)];
    return { link: LINK, name, codec: 'none', md5, storedBytes: lengthBytes, offsetBytes, lengthBytes, live };
  });
  const live = planned.flatMap((object) => object.live);
  const dataBytes = live.reduce((sum, extent) => sum + extent.lengthBytes, 0);
  return { sizeBytes, objects: planned, zeros: gapsBetween(live, sizeBytes), dataBytes };
}

function liveExtentsOf({ offsetBytes, data, live }: LiteralObject): readonly Extent[] {
  return live ?? [{ offsetBytes, lengthBytes: data.length }];
}

function gapsBetween(extents: readonly Extent[], sizeBytes: number): Extent[] {
  const ends = [...extents].sort((one, other) => one.offsetBytes - other.offsetBytes);
  const gaps: Extent[] = [];
  let at = 0;
  for (const extent of [...ends, { offsetBytes: sizeBytes, lengthBytes: 0 }]) {
    if (extent.offsetBytes > at) gaps.push({ offsetBytes: at, lengthBytes: extent.offsetBytes - at });
    at = endOf(extent);
  }
  return gaps;
}

function hashesOf(content: Buffer, blockBytes: number): Buffer {
  const digests: Buffer[] = [];
  for (let at = 0; at < content.length; at += blockBytes) digests.push(sha256(content.subarray(at, at + blockBytes)));
  return Buffer.concat(digests);
}
