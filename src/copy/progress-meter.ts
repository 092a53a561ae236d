import type { Progress } from '../domain/progress';

/** The rate is that of the last seconds: an average over the whole copy would hide that it has slowed down. */
const WINDOW_MS = 5_000;
const SAMPLE_EVERY_MS = 100;

interface Sample {
  readonly atMs: number;
  readonly doneBytes: number;
}

/** Counts bytes of one phase and tells each step of it. */
export class ProgressMeter {
  private doneBytes: number;
  private samples: Sample[] = [];
  private readonly work: Pick<Progress, 'phase' | 'totalBytes'>;

  /** @param work `doneBytes`: what was done before, by an earlier attempt */
  constructor(
    { doneBytes = 0, ...work }: Pick<Progress, 'phase' | 'totalBytes'> & { readonly doneBytes?: number },
    private readonly onProgress: (progress: Progress) => void,
  ) {
    this.work = work;
    this.doneBytes = doneBytes;
    this.add(0);
  }

  add(bytes: number): void {
    this.doneBytes += bytes;
    this.onProgress({ ...this.work, doneBytes: this.doneBytes, bytesPerSecond: this.rate(performance.now()) });
  }

  private rate(nowMs: number): number {
    const last = this.samples.at(-1);
    if (!last || nowMs - last.atMs >= SAMPLE_EVERY_MS) {
      this.samples = this.samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
      this.samples.push({ atMs: nowMs, doneBytes: this.doneBytes });
    }
    const [first] = this.samples;
    if (!first || nowMs === first.atMs) return 0;
    return ((this.doneBytes - first.doneBytes) * 1000) / (nowMs - first.atMs);
  }
}
