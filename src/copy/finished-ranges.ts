import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';

/** A half-open range, and whether any of it came from an object: zeros alone are in the plan and needn't be remembered. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly hasData: boolean;
}

/**
 * Which bytes of the target are as they must be, in as few ranges as possible: the zeros of the image close the gaps, so that
 * what is remembered of a copy is a handful of ranges, however scattered its data.
 */
export class FinishedRanges {
  private readonly ranges: Range[];

  /** @param zeros ascending: what reads zero already */
  constructor(zeros: readonly Extent[]) {
    this.ranges = zeros.map((zero) => ({ from: zero.offsetBytes, to: endOf(zero), hasData: false }));
  }

  /** Must not overlap what is finished, but for zeros. */
  add(extent: Extent): void {
    let { from, to } = { from: extent.offsetBytes, to: endOf(extent) };
    const first = this.firstReaching(from);
    let next = first;
    for (let range = this.ranges[next]; range && range.from <= to; range = this.ranges[next]) {
      from = Math.min(from, range.from);
      to = Math.max(to, range.to);
      next += 1;
    }
    this.ranges.splice(first, next - first, { from, to, hasData: true });
  }

  /** Those with data, ascending. */
  list(): Extent[] {
    return this.ranges
      .filter(({ hasData }) => hasData)
      .map(({ from, to }) => ({ offsetBytes: from, lengthBytes: to - from }));
  }

  /** The index of the first range that ends at or behind the offset. */
  private firstReaching(offsetBytes: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ranges[middle]?.to ?? 0) < offsetBytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
