import type { Extent } from './extent';

/** What is durably on a volume target, so that a later attempt goes on from there. */
export interface Checkpoint {
  /** `VolumeTarget.identity` of the data that this is about. */
  readonly target: string;
  /** `VolumeTarget.bootId` when it was written. Under another one, the finished ranges have to be hashed again. */
  readonly bootId: string;
  /** Whether what the image and the volume's rest have in zeros reads zero. */
  readonly zerosDone: boolean;
  /** Ranges whose bytes are those of the image, ascending. Zeros between two of them may be counted as finished too. */
  readonly finished: readonly Extent[];
}
