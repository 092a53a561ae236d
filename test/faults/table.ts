import type { Case, Verdict } from './run-case';

const COLUMNS = [
  'cases',
  'available',
  'error with reason',
  'gone or refused',
  'stuck',
  'wrong',
  'lost',
  'leaked',
] as const;
type Column = (typeof COLUMNS)[number];
type Row = Record<Column, number>;

/** Counts what cases came to, by their ways and by their faults. */
export class Tally {
  private readonly ways = new Map<string, Row>();
  private readonly faults = new Map<string, Row>();
  private readonly all = emptyRow();

  add({ way, strikes }: Case, verdict: Verdict): void {
    const faults = new Set(strikes.map(({ fault }) => fault));
    for (const row of [
      this.all,
      rowOf(this.ways, way.name),
      ...[...faults].map((fault) => rowOf(this.faults, fault)),
    ]) {
      row.cases += 1;
      row[columnOf(verdict)] += 1;
      for (const kind of new Set(verdict.faults.map((fault) => fault.kind))) row[kind] += 1;
    }
  }

  get count(): number {
    return this.all.cases;
  }

  /** All of them, in a line: a run that is ended before its time has said how far it came. */
  get sum(): string {
    return COLUMNS.map((column) => `${this.all[column]} ${column}`).join(', ');
  }

  /** In Markdown. */
  toString(): string {
    return [table('way', this.ways), table('fault', this.faults), table('', new Map([['all', this.all]]))].join('\n\n');
  }
}

function columnOf({ end }: Verdict): Column {
  if (end === 'available' || end === 'as it was' || end === 'backup as it was') return 'available';
  if (end === 'gone' || end === 'refused' || end === 'backup gone') return 'gone or refused';
  return end === 'stuck' ? 'stuck' : 'error with reason';
}

function table(title: string, rows: ReadonlyMap<string, Row>): string {
  const lines = [...rows].map(([name, row]) => `| ${[name, ...COLUMNS.map((column) => row[column])].join(' | ')} |`);
  const rule = `| :- | ${COLUMNS.map(() => '-:').join(' | ')} |`;
  return [`| ${[title, ...COLUMNS].join(' | ')} |`, rule, ...lines].join('\n');
}

function rowOf(rows: Map<string, Row>, name: string): Row {
  const row = rows.get(name) ?? emptyRow();
  rows.set(name, row);
  return row;
}

function emptyRow(): Row {
  const row: Partial<Row> = {};
  for (const column of COLUMNS) row[column] = 0;
  return row as Row;
}
