import type { Intake } from './intake';
import { printable } from './source';
import type { Unreadable } from './source';

/** So many are listed; all are counted. */
const MAX_ROWS = 1000;

/** Collects what wasn't taken in, and puts everything into words at the end. */
export class IntakeReport {
  private readonly rows: Unreadable[] = [];

  add(refused: Unreadable): void {
    if (this.rows.length < MAX_ROWS) this.rows.push({ place: printable(refused.place), why: printable(refused.why) });
  }

  table({ takenIn, alreadyThere, repeated, refused }: Intake, { dryRun }: { readonly dryRun: boolean }): string {
    const counts: [string, number][] = [
      [dryRun ? 'would be taken in' : 'taken in', takenIn],
      ['already there', alreadyThere],
      ['found twice', repeated],
      ['not taken in', refused],
    ];
    const lines = counts.map(([what, count]) => `${what.padEnd(17)} ${String(count).padStart(8)}`);
    if (this.rows.length === 0) return lines.join('\n');
    const width = Math.min(80, Math.max(...this.rows.map(({ place }) => place.length)));
    const listed = this.rows.map(({ place, why }) => `${place.padEnd(width)}  ${why}`);
    const more = refused > this.rows.length ? [`… and ${refused - this.rows.length} more`] : [];
    return [...lines, '', `${'where'.padEnd(width)}  why`, ...listed, ...more].join('\n');
  }
}
