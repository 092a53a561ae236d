/**
 * What takes longer to make than to use once, kept for the next user in this thread: what decodes an object holds megabytes,
 * and an object may be a few kilobytes.
 */
export class Spares<T> {
  private readonly kept: T[] = [];

  /** @param most are kept */
  constructor(
    private readonly make: () => T,
    private readonly most: number,
  ) {}

  take(): T {
    return this.kept.pop() ?? this.make();
  }

  /** For whoever needs it no more, if it is fit for another use. */
  keep(spare: T): void {
    if (this.kept.length < this.most) this.kept.push(spare);
  }
}
