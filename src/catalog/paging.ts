import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { Page, SortColumn } from './catalog';

/*
 * Pages by key: what comes behind the marker's row in the list's own order, so that rows that come or go meanwhile neither
 * repeat nor hide others. A missing value is the lowest, as in Cinder's database.
 */

type Table = 'volumes' | 'backups';
type Sorting = Pick<Page<unknown>, 'sort'>;

interface SortKey {
  readonly column: RawBuilder<unknown>;
  /** The same column of the marker's row. */
  readonly ofMarker: (marker: string) => RawBuilder<unknown>;
  readonly ascending: boolean;
  readonly nullable: boolean;
}

const COLUMNS: Record<SortColumn, { readonly name: string; readonly nullable: boolean }> = {
  created_at: { name: 'created_at', nullable: false },
  updated_at: { name: 'updated_at', nullable: true },
  id: { name: 'id', nullable: false },
  name: { name: 'name', nullable: true },
  status: { name: 'status', nullable: false },
  size: { name: 'size_gib', nullable: false },
  availability_zone: { name: 'availability_zone', nullable: true },
  bootable: { name: 'bootable', nullable: false },
};

/** The list of an ORDER BY. */
export function order(table: Table, page: Sorting): RawBuilder<unknown> {
  const terms = sortKeys(table, page).map(({ column, ascending, nullable }) => {
    // NOT NULL columns keep PostgreSQL's own order of nulls, or no index would serve them.
    if (ascending) return nullable ? sql`${column} asc nulls first` : sql`${column} asc`;
    return nullable ? sql`${column} desc nulls last` : sql`${column} desc`;
  });
  return sql.join(terms);
}

/** Whether a row comes after the marker's; always true without a marker. */
export function startsBehind(table: Table, page: Sorting & { readonly marker: string | null }): RawBuilder<SqlBool> {
  const { marker } = page;
  if (marker === null) return sql<SqlBool>`true`;
  const keys = sortKeys(table, page);
  const cases = keys.map((key, at) => {
    const same = keys
      .slice(0, at)
      .map(({ column, ofMarker }) => sql`${column} is not distinct from ${ofMarker(marker)}`);
    return sql`(${sql.join([...same, behind(key, marker)], sql` and `)})`;
  });
  return sql<SqlBool>`(${notBefore(keys, marker)} and (${sql.join(cases, sql` or `)}))`;
}

/** Follows from the rest, and is what an index can begin at: without it all pages before this one are read too. */
function notBefore([first]: readonly SortKey[], marker: string): RawBuilder<unknown> {
  if (!first || first.nullable) return sql`true`;
  const { column, ofMarker, ascending } = first;
  return ascending ? sql`${column} >= ${ofMarker(marker)}` : sql`${column} <= ${ofMarker(marker)}`;
}

function behind({ column, ofMarker, ascending }: SortKey, marker: string): RawBuilder<unknown> {
  const value = ofMarker(marker);
  if (ascending) return sql`(${column} > ${value} or (${value} is null and ${column} is not null))`;
  return sql`(${column} < ${value} or (${column} is null and ${value} is not null))`;
}

/** H-52: newest first by default; the id breaks ties, in the direction of the first key. */
function sortKeys(table: Table, { sort }: Sorting): readonly SortKey[] {
  const wanted = sort.length > 0 ? sort : ([['created_at', 'desc']] as const);
  const direction = wanted[0]?.[1] ?? 'desc';
  return [...wanted, ['id', direction] as const].map(([column, direction]) => sortKey(table, column, direction));
}

function sortKey(table: Table, column: SortColumn, direction: 'asc' | 'desc'): SortKey {
  const { name, nullable } = COLUMNS[column];
  const ref = sql.ref(`${table}.${name}`);
  return {
    column: ref,
    ofMarker: (marker) =>
      sql`(select marker.${sql.ref(name)} from ${sql.table(table)} marker where marker.id = ${marker})`,
    ascending: direction === 'asc',
    nullable,
  };
}
