import type { Listed, Page, SortColumn, Visibility } from '../catalog/catalog';
import type { Reply } from './exchange';
import { nextLink } from './links';
import { SINCE } from './microversions';
import { badRequest } from './problems';
import { booleanParameter, integer } from './query';
import type { Call } from './route';
import { MAX_PAGE_ROWS } from './settings';

/** Where in a list a page lies, and how the list is sorted. */
export type Paging = Pick<Page<unknown>, 'limit' | 'offset' | 'marker' | 'sort' | 'isCounted'>;

/** H-51, H-52. @throws Problem 400 */
export function readPaging(call: Call, moreSortKeys: SortKeys = {}): Paging {
  const { query } = call;
  return {
    isCounted: isCounted(call),
    limit: readLimit(query),
    offset: readOffset(query),
    marker: query.get('marker') ?? null,
    sort: readSort(query, { ...SORT_KEYS, ...moreSortKeys }),
  };
}

function readLimit(query: ReadonlyMap<string, string>): number {
  const limit = integer(query.get('limit') ?? String(MAX_PAGE_ROWS));
  if (limit === null) throw badRequest('limit param must be an integer');
  if (limit < 0) throw badRequest('limit param must be positive');
  return Math.min(limit, MAX_PAGE_ROWS);
}

const MAX_OFFSET = 2_147_483_647;

function readOffset(query: ReadonlyMap<string, string>): number {
  const offset = integer(query.get('offset') ?? '0');
  if (offset === null) throw badRequest('offset must be an integer');
  if (offset < 0) throw badRequest('offset must be >= 0');
  if (offset > MAX_OFFSET) throw badRequest(`offset must be <= ${MAX_OFFSET}`);
  return offset;
}

type SortKeys = Readonly<Record<string, SortColumn>>;

/** What Cinder calls the columns that we can sort by. */
const SORT_KEYS: SortKeys = {
  created_at: 'created_at',
  updated_at: 'updated_at',
  id: 'id',
  name: 'name',
  display_name: 'name',
  status: 'status',
  size: 'size',
  availability_zone: 'availability_zone',
};

function readSort(query: ReadonlyMap<string, string>, keys: SortKeys): Paging['sort'] {
  const sort = query.get('sort');
  if (sort === undefined) {
    return [sortTerm(query.get('sort_key') ?? 'created_at', query.get('sort_dir') ?? 'desc', keys)];
  }
  if (query.has('sort_key') || query.has('sort_dir')) {
    throw badRequest(
      "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
    );
  }
  return sort.split(',').map((term) => {
    const [key = '', direction] = term.split(/:(.*)/s);
    return sortTerm(key, direction || 'desc', keys);
  });
}

function sortTerm(key: string, direction: string, keys: SortKeys): Paging['sort'][number] {
  const way = direction.trim();
  if (way !== 'asc' && way !== 'desc') {
    throw badRequest("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.");
  }
  const column = Object.hasOwn(keys, key.trim()) ? keys[key.trim()] : undefined;
  if (column === undefined) throw badRequest('Invalid input received: Invalid sort key');
  return [column, way];
}

/** Whose rows are listed: the caller's project's; for an admin who says so, all, or those of another one (H-55). */
export function listVisibility({ caller, query }: Call): Visibility {
  const own = { projectId: caller.projectId };
  if (!caller.isAdmin) return own;
  const isAll = booleanParameter(query, 'all_tenants');
  const projectId = query.get('project_id');
  if (projectId !== undefined) return { projectId };
  return isAll ? 'all-projects' : own;
}

interface List<Row> {
  /** The key in the body, such as `volumes`. */
  readonly name: string;
  /** The key of the next link; nearly always the name with `_links`. */
  readonly linksName?: string;
  /** The path that the next link leads to. */
  readonly collection: string;
  readonly view: (row: Row) => object;
}

/** The rows of a page; a link to the next one if this one is full, also if nothing follows (H-51); a count (H-53). */
export function listReply<Row extends { readonly id: string }>(
  call: Call,
  { rows, total }: Listed<Row>,
  { name, linksName = `${name}_links`, collection, view }: List<Row>,
): Reply {
  const last = rows.at(-1);
  const query = new Map(call.query);
  const isFull = last !== undefined && rows.length >= readLimit(query);
  if (last) query.set('marker', last.id);
  return {
    status: 200,
    body: {
      [name]: rows.map(view),
      ...(isFull ? { [linksName]: [nextLink(call.place, collection, query)] } : {}),
      ...(isCounted(call) ? { count: total } : {}),
    },
  };
}

/** Whether the caller wants to know how many there are (H-53). */
export function isCounted({ version, query }: Call): boolean {
  return version >= SINCE.count && booleanParameter(query, 'with_count');
}

/** The page of a list that is small enough to be read whole. null if there is no row with the marker's id. */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  { marker, offset, limit }: Paging,
): Listed<Row> | null {
  const begin = marker === null ? 0 : rows.findIndex(({ id }) => id === marker) + 1;
  if (marker !== null && begin === 0) return null;
  return { rows: rows.slice(begin + offset, begin + offset + limit), total: rows.length };
}
