import { jsonOf } from '../support/clients';
import type { Clients } from '../support/clients';
import type { KeystoneLab } from './keystone-lab';

/** python-openstackclient (H-116 to H-118, H-156). */
export function openstackclientFlows(lab: () => KeystoneLab): void {
  describe('openstack volume', () => {
    let mary: Clients;
    let backupId: string;
    beforeAll(() => {
      mary = lab().mary;
      backupId = lab().backupId('full');
    });

    /** What `-f json` shows. */
    const json = async (...args: string[]) => jsonOf(await mary.openstack(...args, '-f', 'json'));

    it('create --backup finds the backup by its name, waits, and sets its flags (H-26, H-116, H-117, H-156)', async () => {
      const flags = ['--property', 'tier=gold', '--bootable', '--read-only'];
      const created = await json('volume', 'create', '--backup', lab().backupName('full'), ...flags, 'o-restored');
      expect(created).toMatchObject({ name: 'o-restored', size: 1, backup_id: backupId });
      expect(await json('volume', 'show', 'o-restored')).toMatchObject({
        status: 'available',
        bootable: true,
        properties: { tier: 'gold', readonly: 'True', src_backup_id: backupId },
      });
      expect(await json('volume', 'list', '--name', 'o-restored')).toMatchObject([
        { Name: 'o-restored', Status: 'available', Size: 1 },
      ]);
    });

    it('set --size extends a volume, and says what is wrong with a size that is none', async () => {
      await mary.openstack('volume', 'create', '--size', '1', 'o-grown');
      await lab().available(mary, 'o-grown');
      await expectSilence(mary.openstack('volume', 'set', '--size', '2', 'o-grown'));
      await lab().available(mary, 'o-grown');
      expect(await json('volume', 'show', 'o-grown')).toMatchObject({ status: 'available', size: 2 });
      const refused = await mary.openstack('volume', 'set', '--size', '1', 'o-grown');
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringMatching(/current: 2, extended: 1|must be greater/),
      ]);
    });

    it('set --type gives a volume another type, and says why not (H-62)', async () => {
      const { adam } = lab();
      await adam.openstack('volume', 'type', 'create', 'o-suits');
      await adam.openstack('volume', 'type', 'create', '--property', 'volume_backend_name=other', 'o-elsewhere');
      await mary.openstack('volume', 'create', '--size', '1', 'o-retyped');
      await lab().available(mary, 'o-retyped');
      await expectSilence(mary.openstack('volume', 'set', '--type', 'o-suits', 'o-retyped'));
      const shown = (await json('volume', 'show', 'o-retyped')) as { id: string; type: string };
      expect(shown).toMatchObject({ status: 'available', type: 'o-suits' });
      const moved = ['--type', 'o-elsewhere', '--migration-policy', 'on-demand', 'o-retyped'];
      const refused = await mary.openstack('volume', 'set', ...moved);
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('Its data would have to be moved')]);
      await expectSilence(mary.openstack('volume', 'delete', 'o-retyped'));
      await lab().gone(mary, shown.id);
      await expectSilence(adam.openstack('volume', 'type', 'delete', 'o-suits', 'o-elsewhere'));
    });

    it('set and unset change metadata and name; delete removes the volume', async () => {
      await mary.openstack('volume', 'create', '--backup', backupId, '--read-write', 'o-edited');
      await expectSilence(
        mary.openstack('volume', 'set', '--property', 'a=b', '--property', 'c=d', '--name', 'o-named', 'o-edited'),
      );
      await expectSilence(mary.openstack('volume', 'unset', '--property', 'a', 'o-named'));
      const shown = (await json('volume', 'show', 'o-named')) as { id: string; properties: object };
      expect(shown.properties).toMatchObject({ c: 'd' });
      expect(shown.properties).not.toHaveProperty('a');
      await expectSilence(mary.openstack('volume', 'delete', 'o-named'));
      await lab().gone(mary, shown.id);
      expect(await mary.openstack('volume', 'show', shown.id)).toMatchObject({
        code: 1,
        err: expect.stringContaining(`No Volume found for ${shown.id}`),
      });
    });

    it('message list says why a create has failed (W-16)', async () => {
      await mary.openstack('volume', 'create', '--backup', lab().backupId('inc3'), '--read-only', 'o-broken');
      const { id, status } = (await json('volume', 'show', 'o-broken')) as { id: string; status: string };
      expect(status).toBe('error');
      const messages = await json('--os-volume-api-version', '3.3', 'volume', 'message', 'list');
      expect(messages).toContainEqual(
        expect.objectContaining({
          'Resource UUID': id,
          'User Message': expect.stringMatching(/^restore backup:.*-00001: SHA-256 of the block/),
        }),
      );
    });

    it('create is refused in words', async () => {
      const create = async (...args: string[]) => (await mary.openstack('volume', 'create', ...args, 'x')).err;
      const [backup, zone] = await Promise.all([
        create('--backup', 'nope'),
        create('--backup', backupId, '--availability-zone', 'zz'),
      ]);
      expect(backup).toContain('No Backup found for nope');
      expect(zone).toMatch(/^BadRequestException: 400: .*, Availability zone 'zz' is invalid\.$/m);
    });

    it('backup list and show, type list, availability zone list, summary', async () => {
      expect(await json('volume', 'backup', 'list')).toHaveLength(4);
      expect(await json('volume', 'backup', 'show', backupId)).toMatchObject({
        id: backupId,
        is_incremental: false,
        has_dependent_backups: true,
        status: 'available',
      });
      expect(await json('volume', 'type', 'list')).toMatchObject([{ Name: '__DEFAULT__' }]);
      expect(await json('availability', 'zone', 'list', '--volume')).toEqual([
        { 'Zone Name': 'nova', 'Zone Status': 'available' },
      ]);
      expect(await json('volume', 'summary')).toHaveProperty('Total Count');
    });

    it('backup restore makes a new volume, and replaces what one holds if forced (H-72, H-74, H-118)', async () => {
      const restore = (...args: string[]) => json('volume', 'backup', 'restore', ...args);
      expect(await restore(lab().backupName('inc1'), 'o-anew')).toMatchObject({ volume_name: 'o-anew' });
      await lab().available(mary, 'o-anew');
      const refused = await mary.openstack('volume', 'backup', 'restore', backupId, 'o-anew');
      expect(refused.err).toContain("Volume 'o-anew' already exists");
      expect(await restore('--force', backupId, 'o-anew')).toMatchObject({ volume_name: 'o-anew' });
      await lab().available(mary, 'o-anew');
      expect(await json('volume', 'show', 'o-anew')).toMatchObject({
        status: 'available',
        properties: { src_backup_id: backupId },
      });
    });

    it('lists what there is none of, limits and quotas (H-84, H-85, H-89, H-118)', async () => {
      const [snapshots, transfers, attachments, limits, quota] = await Promise.all([
        json('volume', 'snapshot', 'list'),
        json('volume', 'transfer', 'request', 'list'),
        json('--os-volume-api-version', '3.27', 'volume', 'attachment', 'list'),
        json('limits', 'show', '--absolute'),
        json('quota', 'show', '--volume'),
      ]);
      expect([snapshots, transfers, attachments]).toEqual([[], [], []]);
      expect(limits).toContainEqual({ Name: 'total_backups_used', Value: 4 });
      expect(quota).toContainEqual({ Resource: 'gigabytes', Limit: -1 });
    });

    it('shows an admin services, pools and QoS; one that he disables is shown with his reason (H-82, H-83, H-118)', async () => {
      const { adam } = lab();
      const list = async (...args: string[]) => jsonOf(await adam.openstack('volume', ...args, '-f', 'json'));
      const [services, pools, qos] = (await Promise.all([
        list('service', 'list', '--service', 'cinder-volume'),
        list('backend', 'pool', 'list', '--long'),
        list('qos', 'list'),
      ])) as { Host: string; Name: string }[][];
      const host = services![0]!.Host;
      expect(services).toMatchObject([{ Binary: 'cinder-volume', Status: 'enabled', State: 'up', Zone: 'nova' }]);
      expect(pools).toMatchObject([{ Name: `${host}#default`, Capabilities: { volume_backend_name: 'file' } }]);
      expect(qos).toEqual([]);
      const set = (...args: string[]) => adam.openstack('volume', 'service', 'set', ...args, host, 'cinder-volume');
      await expectSilence(set('--disable', '--disable-reason', 'new disks'));
      expect(await list('service', 'list', '--service', 'cinder-volume', '--long')).toMatchObject([
        { Status: 'disabled', 'Disabled Reason': 'new disks' },
      ]);
      await expectSilence(set('--enable'));
    });

    it('lets an admin give a private type to a project (H-80, H-118)', async () => {
      const { adam } = lab();
      const type = (...args: string[]) => adam.openstack('volume', 'type', ...args);
      await type('create', '--private', '--property', 'tier=gold', 'o-private');
      await expectSilence(type('set', '--project', 'alpha', 'o-private'));
      const [ofAdmin, ofMary] = await Promise.all([
        type('show', 'o-private', '-f', 'json'),
        json('volume', 'type', 'list', '--long'),
      ]);
      expect(jsonOf(ofAdmin)).toMatchObject({
        access_project_ids: [lab().keystone.projects.alpha],
        is_public: false,
        properties: { tier: 'gold' },
      });
      // Extra specs tell of backends, and are for admins.
      expect(ofMary).toContainEqual(expect.objectContaining({ Name: 'o-private', 'Is Public': false, Properties: {} }));
      await expectSilence(type('unset', '--project', 'alpha', 'o-private'));
      expect(await json('volume', 'type', 'list')).toMatchObject([{ Name: '__DEFAULT__' }]);
      await expectSilence(type('delete', 'o-private'));
    });

    it('backup record export gives an admin what cinder backup-import takes; its own import asks for what no Cinder has (H-75, H-114)', async () => {
      const { adam } = lab();
      const [exported, imported] = await Promise.all([
        adam.openstack('volume', 'backup', 'record', 'export', backupId, '-f', 'json'),
        adam.openstack('volume', 'backup', 'record', 'import', 'cinder.backup.drivers.posix.PosixBackupDriver', 'url'),
      ]);
      const { backup_service: service, backup_url: url } = jsonOf(exported) as Record<string, string>;
      expect((await adam.cinder('backup-import', service!, url!)).err).toContain(
        'ERROR: Invalid backup: Backup already exists in database. (HTTP 400)',
      );
      expect(imported.err).toMatch(/^NotFoundException: 404: .*\/backups\/export_record, /m);
    });

    it('tells who may not, and who has no valid token', async () => {
      const { rita, stranger } = lab();
      const [reader, nobody] = await Promise.all([
        rita.openstack('volume', 'create', '--size', '1', 'x'),
        stranger.openstack('volume', 'list'),
      ]);
      expect(reader.err).toMatch(
        /^ForbiddenException: 403: .*, Policy doesn't allow volume:create to be performed\.$/m,
      );
      expect(nobody.err).toMatch(/^HttpException: 401: .*, The request you have made requires authentication\.$/m);
    });
  });
}

async function expectSilence(saying: ReturnType<Clients['openstack']>): Promise<void> {
  expect(await saying).toEqual({ code: 0, out: '', err: '' });
}
