import { eventually } from '../support/eventually';
import { propertiesOf, rowsOf } from '../support/clients';
import type { Clients, Said } from '../support/clients';
import type { KeystoneLab } from './keystone-lab';

/** python-cinderclient in an administrator's hands, and what his users see of it (H-103). */
export function cinderclientAdminFlows(lab: () => KeystoneLab): void {
  describe('cinder, for an administrator,', () => {
    let adam: Clients;
    let mary: Clients;
    let alpha: string;
    beforeAll(() => {
      ({ adam, mary } = lab());
      alpha = lab().keystone.projects.alpha;
    });

    it('lists services, pools and limits (H-82, H-83, H-84, H-103)', async () => {
      const [services, pools, limits, refused] = await Promise.all([
        adam.cinder('service-list'),
        adam.cinder('get-pools', '--detail'),
        adam.cinder('absolute-limits'),
        mary.cinder('service-list'),
      ]);
      expect(rowsOf(services)).toEqual(
        ['cinder-backup', 'cinder-scheduler', 'cinder-volume'].map((Binary): unknown =>
          expect.objectContaining({ Binary, Zone: 'nova', Status: 'enabled', State: 'up', 'Disabled Reason': '-' }),
        ),
      );
      expect(propertiesOf(pools)).toMatchObject({
        name: expect.stringMatching(/@file#default$/),
        vendor_name: 'Rekindle',
        storage_protocol: 'file',
        backend_state: 'up',
      });
      expect(propertiesOf(limits)).toMatchObject({ maxTotalVolumes: '-1', totalBackupsUsed: '4' });
      expect(refused.err).toContain("Policy doesn't allow volume_extension:services:index to be performed. (HTTP 403)");
    });

    it('sets quotas, which users see with what they use (H-85)', async () => {
      await expectDone(adam.cinder('quota-update', '--volumes', '500', '--volume-type', '__DEFAULT__', alpha));
      expect(propertiesOf(await adam.cinder('quota-update', '--gigabytes', '900', alpha))).toMatchObject({
        gigabytes: '900',
        volumes___DEFAULT__: '500',
      });
      const [shown, used] = await Promise.all([mary.cinder('quota-show', alpha), mary.cinder('quota-usage', alpha)]);
      expect(propertiesOf(shown)).toMatchObject({ gigabytes: '900', volumes: '-1', volumes___DEFAULT__: '500' });
      expect(rowsOf(used)).toContainEqual(
        expect.objectContaining({ Type: 'backups', In_use: '4', Reserved: '0', Limit: '-1' }),
      );
      await expectDone(adam.cinder('quota-delete', alpha));
    });

    it('takes a backend out of service: nothing new is placed there, and users read why (H-82, S-22)', async () => {
      const [{ Host: host } = {}] = rowsOf(await adam.cinder('service-list', '--binary', 'cinder-volume'));
      const disabled = await adam.cinder('service-disable', '--reason', 'new disks', host!, 'cinder-volume');
      expect(rowsOf(disabled)).toEqual([
        { Host: host, Binary: 'cinder-volume', Status: 'disabled', 'Disabled Reason': 'new disks' },
      ]);
      const [listed, failed] = await Promise.all([
        adam.cinder('service-list', '--binary', 'cinder-volume'),
        mary.cinder('create', '1', '--name', 'c-nowhere', '--poll'),
      ]);
      expect(rowsOf(listed)).toMatchObject([{ Status: 'disabled', State: 'up', 'Disabled Reason': 'new disks' }]);
      expect(failed.err).toMatch(/^ERROR: 'Volume' resource is in the error state due to 'schedule allocate volume:/);
      expect(failed.err).toContain('its backend is disabled');
      expect(rowsOf(await adam.cinder('service-enable', host!, 'cinder-volume'))).toMatchObject([
        { Status: 'enabled' },
      ]);
      await expectDone(mary.cinder('create', '1', '--name', 'c-somewhere', '--poll'));
    });

    it('makes a private type, opens it to a project, and closes it again (H-36, H-80)', async () => {
      const [made = {}] = rowsOf(await adam.cinder('type-create', 'c-private', '--is-public', 'False'));
      expect(made).toMatchObject({ Name: 'c-private', Is_Public: 'False' });
      const closed = await mary.cinder('create', '1', '--volume-type', 'c-private');
      expect(closed.err).toContain('ERROR: Volume type with name c-private could not be found. (HTTP 404)');
      await expectDone(adam.cinder('type-access-add', '--volume-type', 'c-private', '--project-id', alpha));
      const [open, ofMary, ofBert] = await Promise.all([
        adam.cinder('type-access-list', '--volume-type', 'c-private'),
        mary.cinder('type-list'),
        lab().bert.cinder('type-list'),
      ]);
      expect(rowsOf(open)).toEqual([{ Volume_type_ID: made['ID'], Project_ID: alpha }]);
      expect(
        rowsOf(ofMary)
          .map(({ Name }) => Name)
          .sort(),
      ).toEqual(['__DEFAULT__', 'c-private']);
      expect(rowsOf(ofBert).map(({ Name }) => Name)).toEqual(['__DEFAULT__']);
      await expectDone(adam.cinder('type-access-remove', '--volume-type', 'c-private', '--project-id', alpha));
      await expectDone(adam.cinder('type-delete', 'c-private'));
    });

    it('gives a project a default type, of which its volumes are made (H-80, S-9)', async () => {
      const [{ ID: type } = {}] = rowsOf(await adam.cinder('type-create', 'c-default'));
      await expectDone(adam.cinder('type-key', 'c-default', 'set', 'volume_backend_name=file'));
      await expectDone(adam.cinder('default-type-set', 'c-default', alpha));
      const [defaults, shown, created] = await Promise.all([
        adam.cinder('default-type-list'),
        adam.cinder('type-show', 'c-default'),
        mary.cinder('create', '1', '--name', 'c-typed'),
      ]);
      expect(rowsOf(defaults)).toEqual([{ 'Volume Type ID': type, 'Project ID': alpha }]);
      expect(propertiesOf(shown)).toMatchObject({ extra_specs: 'volume_backend_name : file', is_public: 'True' });
      const { id, volume_type: given } = propertiesOf(created);
      expect(given).toBe('c-default');
      await expectDone(adam.cinder('default-type-unset', alpha));
      const { out, err } = await adam.cinder('type-delete', 'c-default');
      expect(out + err).toContain('Target volume type is still in use.');
      await mary.cinder('delete', id!);
      await lab().gone(mary, id!);
      await expectDone(adam.cinder('type-delete', 'c-default'));
    });

    it('makes types that members give their volumes, where they lie (H-62, H-103)', async () => {
      for (const [type, backend] of [
        ['c-suits', 'file'],
        ['c-elsewhere', 'other'],
      ] as const) {
        await adam.cinder('type-create', type);
        await adam.cinder('type-key', type, 'set', `volume_backend_name=${backend}`);
      }
      await expectDone(mary.cinder('create', '1', '--name', 'c-retyped', '--poll'));
      await expectDone(mary.cinder('retype', 'c-retyped', 'c-suits'));
      const { id, status, volume_type: type } = propertiesOf(await mary.cinder('show', 'c-retyped'));
      expect([status, type]).toEqual(['available', 'c-suits']);
      const moved = await mary.cinder('retype', 'c-retyped', 'c-elsewhere', '--migration-policy', 'on-demand');
      expect(moved.err).toMatch(
        /ERROR: Invalid volume: .* its volume_backend_name is 'file', not 'other'\. Its data would have to be moved, which this service does not do\. \(HTTP 400\)/,
      );
      expect((await mary.cinder('retype', 'c-retyped', 'c-suits')).err).toContain(
        'ERROR: Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active migration',
      );
      await mary.cinder('delete', id!);
      await lab().gone(mary, id!);
      await expectDone(adam.cinder('type-delete', 'c-suits', 'c-elsewhere'));
    });

    it('exports the record of a backup, deletes the backup by force, and imports it again (H-70, H-75, H-76)', async () => {
      const backup = lab().backupId('inc3');
      const record = propertiesOf(await adam.cinder('backup-export', backup));
      expect(record['backup_service']).toMatch(/^cinder\.backup\.drivers\./);
      expect((await adam.cinder('backup-delete', '--force', backup)).out).toBe(
        `Request to delete backup ${backup} has been accepted.\n`,
      );
      await gone(backup);
      const imported = await adam.cinder('backup-import', record['backup_service']!, record['backup_url']!);
      expect(propertiesOf(imported)).toMatchObject({ id: backup });
      expect(propertiesOf(await mary.cinder('backup-show', backup))).toMatchObject({
        status: 'available',
        name: lab().backupName('inc3'),
        is_incremental: 'True',
      });
      await expectDone(adam.cinder('backup-reset-state', '--state', 'error', backup));
      expect(propertiesOf(await mary.cinder('backup-show', backup))).toMatchObject({ status: 'error' });
      await expectDone(adam.cinder('backup-reset-state', '--state', 'available', backup));
    });

    async function gone(backup: string): Promise<void> {
      await eventually(async () => ((await adam.cinder('backup-show', backup)).code === 1 ? true : null));
    }
  });
}

/** It says nothing, or shows what it has changed. */
async function expectDone(saying: Promise<Said>): Promise<void> {
  expect(await saying).toMatchObject({ code: 0, err: '' });
}
