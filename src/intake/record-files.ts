import { recordsIn } from './record-text';
import { reasonOf } from './source';
import type { Found, FoundRecord, Place, RecordSource } from './source';
import { openWalked, walk } from './walk';

/** Records take one or two KiB; a file may hold what was printed of many. */
const MAX_FILE_BYTES = 16 * 1024 ** 2;

/** A folder of files, each with one record or more. */
export function recordFiles(folder: string): RecordSource {
  // Of a file with many records all are read again, one after the other.
  let latest: { readonly file: string; readonly records: readonly FoundRecord[] } | null = null;
  const recordsOf = async (file: string): Promise<readonly FoundRecord[]> => {
    if (latest?.file !== file) latest = { file, records: recordsIn(await readText(folder, file)) };
    return latest.records;
  };
  return {
    records: () => recordsBelow(folder, recordsOf),
    read: async ({ file, index }) => {
      const record = (await recordsOf(file))[index];
      if (!record) throw new Error('has been changed meanwhile');
      return record;
    },
  };
}

async function* recordsBelow(
  folder: string,
  recordsOf: (file: string) => Promise<readonly FoundRecord[]>,
): AsyncGenerator<Found> {
  for await (const walked of walk(folder)) {
    if (walked.kind === 'unreadable') {
      yield walked;
      continue;
    }
    const file = walked.path;
    try {
      const records = await recordsOf(file);
      yield* records.map((record, index) => ({ kind: 'record' as const, place: placeOf(file, index), record }));
    } catch (error) {
      yield { kind: 'unreadable', unreadable: { place: file, why: reasonOf(error) } };
    }
  }
}

function placeOf(file: string, index: number): Place {
  return { file, index };
}

async function readText(folder: string, file: string): Promise<string> {
  const handle = await openWalked(folder, file);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error('is not a file');
    if (found.size > MAX_FILE_BYTES) throw new Error(`is too large to be a record (${found.size} bytes)`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(found.size), 0, found.size, 0);
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
