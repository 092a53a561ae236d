// Entry: a thread of a mover that fetches, decodes and verifies objects. It is ended from outside, at any moment.
import { parentPort } from 'node:worker_threads';
import type { ObjectReader, ReadPiece } from '../copy/copy';
import { objectReader } from '../copy/object-reader';
import { PieceSlots, SLOT_BYTES } from '../copy/piece-slots';
import { openBackupDrivers } from '../drivers/backup/registry';
import type { BackupDrivers } from '../drivers/backup/registry';
import type { PlannedObject } from '../image/backup-image';
import { blockHashes } from '../image/block-hashes';
import { readLive } from '../image/read-live';
import { faultOf } from './faults';
import type { FromThread, SharedImage, ThreadSettings, ToThread } from './thread-protocol';

interface Parts {
  readonly drivers: BackupDrivers;
  readonly slots: PieceSlots;
}

let parts: Parts | null = null;
/** Handed over and not yet released, by slot. */
const out = new Map<number, ReadPiece>();

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'settings') parts = partsOf(message.settings);
  else if (message.kind === 'release') release(message.slot);
  else if (parts) void read(readerOf(message.image, parts), message);
});

function partsOf({ repositories, memory }: ThreadSettings): Parts {
  return { drivers: openBackupDrivers(repositories), slots: new PieceSlots(memory) };
}

async function read(reader: ObjectReader, { id, object }: { id: number; object: PlannedObject }): Promise<void> {
  try {
    for await (const piece of reader.read(object, new AbortController().signal)) hand(id, piece);
    tell({ kind: 'end', id });
  } catch (error) {
    tell({ kind: 'failed', id, fault: faultOf(error) });
  }
}

function readerOf({ backupId, sizeBytes, hashes }: SharedImage, { drivers, slots }: Parts): ObjectReader {
  const blocks = hashes && blockHashes(hashes.blockBytes, Buffer.from(hashes.packed, 0, hashes.packedBytes));
  return objectReader(
    {
      backupId,
      sizeBytes,
      hashes: blocks,
      readLive: (object, signal) =>
        readLive(object, {
          store: drivers.driverFor(object.link.service),
          checkMd5: blocks === null && object.md5 !== null,
          signal,
        }),
    },
    slots,
  );
}

function hand(id: number, piece: ReadPiece): void {
  const slot = piece.data.byteOffset / SLOT_BYTES;
  out.set(slot, piece);
  const runs = Float64Array.from(piece.runs.flatMap(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes]));
  tell({ kind: 'piece', id, slot, bytes: piece.data.length, runs });
}

function release(slot: number): void {
  out.get(slot)?.release();
  out.delete(slot);
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}
