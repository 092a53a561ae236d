import { Kysely, Migrator, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import * as initial from '../../src/catalog/migrations/0001-initial';
import { createTestDatabase } from '../support/database';
import { connectTo } from './arrange';

describe('a catalog of an earlier version', () => {
  it('keeps its volumes, and completes one that was being made from a backup then', async () => {
    const database = await createTestDatabase();
    const db = new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString: database.url }) }),
    });
    await new Migrator({
      db,
      provider: { getMigrations: async () => ({ '0001-initial': initial }) },
    }).migrateToLatest();
    await db.destroy();
    await database.query(`
      insert into volumes (id, project_id, user_id, status, size_gib, volume_type_id, availability_zone, request_id, metadata)
      select 'v', 'p', 'u', 'creating', 1, id, 'nova', 'req-1', '{"owner": "me"}' from volume_types`);

    const catalog = await connectTo(database);

    expect(await catalog.findVolume('v', 'all-projects')).toMatchObject({ status: 'creating', imageMetadata: {} });
    const completed = await catalog.completeVolume({ volumeId: 'v', written: { epoch: 0, backupId: 'b' } });
    expect(completed).toMatchObject({ status: 'available', metadata: { owner: 'me', src_backup_id: 'b' } });
    await catalog.close();
    await database.drop();
  });
});
