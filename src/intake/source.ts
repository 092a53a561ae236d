import type { RecordedBackup, RecordOwner } from '../api/backup-record';

/** A record of a backup as a source has it. */
export interface FoundRecord extends RecordedBackup {
  readonly owner: RecordOwner;
  /** Path of the driver class that wrote the backup. */
  readonly service: string;
}

/** Something that should be a record and isn't. */
export interface Unreadable {
  /** Where it lies, for people. */
  readonly place: string;
  readonly why: string;
}

/** Where one record lies: enough to read it again. */
export interface Place {
  readonly file: string;
  /** Which of those in the file. */
  readonly index: number;
}

export type Found =
  | { readonly kind: 'record'; readonly place: Place; readonly record: FoundRecord }
  | { readonly kind: 'unreadable'; readonly unreadable: Unreadable };

/** Where records come from. */
export interface RecordSource {
  /** All there are, in no particular order, in bounded memory. */
  records(): AsyncIterable<Found>;
  /** One of them once more. @throws Error, Refusal or Problem if it can't be read any more */
  read(place: Place): Promise<FoundRecord>;
}

/** What others wrote, fit for a terminal: of bounded length, and without characters that move its cursor. */
export function printable(text: string, maxCharacters = 300): string {
  const shown = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  return shown.replaceAll(/[\p{Cc}\p{Cf}\p{Surrogate}\u2028\u2029]/gu, '\uFFFD');
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
