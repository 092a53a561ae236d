/** What copies have in common that take about as long, byte for byte. */
export interface CopyKind {
  /** `host@backend#pool` */
  readonly poolName: string;
  readonly mode: 'native' | 'copy';
  /** Of most of its data. */
  readonly codec: string;
  /** Whether everything was read back from the disk. */
  readonly readBack: boolean;
}

/** A copy that came to its end, and what it took. */
export interface MeasuredCopy extends CopyKind {
  readonly copiedBytes: number;
  readonly elapsedMs: number;
}

/** The newest copies of one kind, together. */
export interface MeasuredCopies {
  readonly copies: number;
  readonly copiedBytes: number;
  readonly elapsedMs: number;
}

/** So many of each kind are remembered: older ones tell of another load. */
export const REMEMBERED_COPIES = 20;

export interface Estimate {
  readonly seconds: number;
  readonly bytesPerSecond: number;
  /** How many copies it rests upon. */
  readonly copies: number;
}

/** How long so many bytes will take, as it took others; null where nothing was measured. */
export function estimateOf(bytes: number, { copies, copiedBytes, elapsedMs }: MeasuredCopies): Estimate | null {
  if (copies === 0 || copiedBytes === 0) return null;
  const bytesPerSecond = Math.max(1, Math.round((copiedBytes * 1000) / Math.max(1, elapsedMs)));
  return { seconds: Math.ceil(bytes / bytesPerSecond), bytesPerSecond, copies };
}
