import { sql } from 'kysely';
import { openDatabase } from '../../src/catalog/database';
import { volumePage } from '../../src/catalog/listing';
import { newProject, openTestCatalog } from './arrange';
import type { TestCatalog } from './arrange';

/** A page costs what the page holds, however long the list is: counted in rows, which no busy machine changes. */
let opened: TestCatalog;
const projectId = newProject();
const VOLUMES = 5_000;
const PAGE = 100;

beforeAll(async () => {
  opened = await openTestCatalog();
  await opened.database.query(
    `insert into volumes (id, project_id, user_id, status, size_gib, name, volume_type_id, availability_zone, request_id, created_at)
     select 'volume-' || n, $1, 'user', 'available', 1, 'name-' || n, (select id from volume_types), 'nova', 'req', now() - n * interval '1 s'
     from generate_series(1, ${VOLUMES}) n`,
    [projectId],
  );
  await opened.database.query('analyze');
});
afterAll(() => opened.close());

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows that PostgreSQL looked at in tables and indexes, those included that it left out. */
function rowsRead(node: PlanNode): number {
  const own = node['Node Type'].includes('Scan')
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0;
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), own);
}

it.each([
  ['the first page', null],
  ['a page in the middle', `volume-${VOLUMES / 2}`],
  ['the last page', `volume-${VOLUMES - PAGE}`],
])('%s of 5,000 volumes reads a few rows for each that it shows', async (_which, marker) => {
  const log = { info: () => undefined, warn: () => undefined };
  const db = openDatabase({ url: opened.database.url, log, maxConnections: 1 });
  const page = { visibility: { projectId }, filter: {}, sort: [], offset: 0, limit: PAGE, marker };
  const [explained] = await volumePage(db, page).explain<{ 'QUERY PLAN': { Plan: PlanNode }[] }>('json', sql`analyze`);
  await db.destroy();
  const plan = explained?.['QUERY PLAN'][0]?.Plan;
  expect(plan?.['Actual Rows']).toBe(PAGE);
  expect(plan && rowsRead(plan)).toBeLessThan(5 * PAGE);
});

it('a total is counted for who asks for it only', async () => {
  const page = { visibility: { projectId }, filter: {}, sort: [], offset: 0, limit: 1, marker: null };
  expect((await opened.catalog.listVolumes({ ...page, isCounted: false })).total).toBeNull();
  expect((await opened.catalog.listVolumes(page)).total).toBe(VOLUMES);
});
