/** Who uses a volume, as he or Nova said: bookkeeping only, no data passes through it. */
export interface Attachment {
  readonly id: string;
  readonly serverId: string | null;
  readonly hostName: string | null;
  /** Where it shows there, such as `/dev/vdc`. */
  readonly device: string;
  readonly mode: 'rw' | 'ro';
  /** ISO time. */
  readonly attachedAt: string;
}
