import { propertiesOf, rowsOf } from '../support/clients';
import type { Clients } from '../support/clients';
import type { KeystoneLab } from './keystone-lab';

/** python-cinderclient: what its users type, and what they read (H-100 to H-103, H-155). */
export function cinderclientFlows(lab: () => KeystoneLab): void {
  describe('cinder', () => {
    let mary: Clients;
    let backupId: string;
    beforeAll(() => {
      mary = lab().mary;
      backupId = lab().backupId('full');
    });

    it('create --backup-id --poll waits for the volume; list, show and summary have it (H-26, H-100, H-155)', async () => {
      const shown = propertiesOf(
        await mary.cinder('create', '--backup-id', backupId, '--name', 'c-restored', '--poll'),
      );
      expect(shown).toMatchObject({
        status: 'available',
        size: '1',
        name: 'c-restored',
        backup_id: backupId,
        metadata: `{'src_backup_id': '${backupId}'}`,
        'os-vol-tenant-attr:tenant_id': lab().keystone.projects.alpha,
        user_id: lab().keystone.users.mary,
      });
      expect(shown).not.toHaveProperty('os-vol-host-attr:host');
      const listed = rowsOf(await mary.cinder('list', '--name', 'c-restored'));
      expect(listed).toEqual([expect.objectContaining({ ID: shown['id'], Status: 'available', Size: '1' })]);
      expect(Number(propertiesOf(await mary.cinder('summary'))['total_count'])).toBeGreaterThanOrEqual(1);
    });

    it('create --poll says why a create has failed, and message-list says it again until it is deleted (H-86, H-102, W-16)', async () => {
      const failed = await mary.cinder('create', '--backup-id', lab().backupId('inc3'), '--name', 'c-broken', '--poll');
      expect(failed.code).toBe(1);
      expect(failed.err).toMatch(
        /^ERROR: 'Volume' resource is in the error state due to 'restore backup:Backup driver failed to restore backup\. .*-00001: SHA-256 of the block/,
      );
      const { id } = propertiesOf({ ...failed, code: 0 });
      const messages = rowsOf(await mary.cinder('message-list', '--resource_uuid', id!));
      expect(messages).toEqual([
        expect.objectContaining({
          'Resource Type': 'VOLUME',
          'Event ID': 'VOLUME_VOLUME_015_026',
          'User Message': expect.stringContaining('-00001: SHA-256 of the block'),
        }),
      ]);
      const { ID: message } = messages[0]!;
      expect(propertiesOf(await mary.cinder('message-show', message!))).toMatchObject({ resource_uuid: id });
      await expectDone(mary.cinder('message-delete', message!));
      expect(rowsOf(await mary.cinder('message-list', '--resource_uuid', id!))).toEqual([]);
      expect(propertiesOf(await mary.cinder('show', 'c-broken'))).toMatchObject({ status: 'error' });
      expect(propertiesOf(await mary.cinder('backup-show', lab().backupId('inc3')))).toMatchObject({
        status: 'available',
      });
    });

    it.each([
      [['--backup-id', 'nope'], `Invalid input for field/attribute backup_id. Value: nope. 'nope' is not`],
      [
        ['--backup-id', '00000000-0000-4000-8000-000000000000'],
        'Backup 00000000-0000-4000-8000-000000000000 could not',
      ],
      [['--backup-id', '<full>', '0'], 'Invalid input for field/attribute size. Value: 0. 0 is less than the minimum'],
      [['--backup-id', '<full>', '--availability-zone', 'zz'], "Availability zone 'zz' is invalid. (HTTP 400)"],
      [['--backup-id', '<full>', '--volume-type', 'nope'], 'Volume type with name nope could not be found. (HTTP 404)'],
    ])('create %j is refused in words', async (args, words) => {
      const refused = await mary.cinder('create', ...args.map((arg) => (arg === '<full>' ? backupId : arg)));
      expect(refused.code).toBe(1);
      expect(refused.err).toContain(`ERROR: ${words}`);
      expect(refused.err).toMatch(/\(Request-ID: req-[0-9a-f-]{36}\)/);
    });

    it('changes metadata, names and flags, and deletes', async () => {
      await expectDone(mary.cinder('create', '--backup-id', backupId, '--name', 'c-edited', '--poll'));
      await expectDone(mary.cinder('metadata', 'c-edited', 'set', 'tier=gold', 'owner=mary'));
      await expectDone(mary.cinder('metadata', 'c-edited', 'unset', 'owner'));
      await expectDone(mary.cinder('set-bootable', 'c-edited', 'True'));
      await expectDone(mary.cinder('rename', 'c-edited', 'c-renamed', '--description', 'by cinder'));
      const shown = propertiesOf(await mary.cinder('show', 'c-renamed'));
      expect(shown).toMatchObject({ bootable: 'true', description: 'by cinder' });
      expect(propertiesOf(await mary.cinder('metadata-show', 'c-renamed'))).toEqual({
        src_backup_id: backupId,
        tier: 'gold',
      });

      expect((await mary.cinder('delete', 'c-renamed')).out).toBe(
        'Request to delete volume c-renamed has been accepted.\n',
      );
      await lab().gone(mary, shown['id']!);
      expect((await mary.cinder('show', shown['id']!)).err).toContain(
        `No volume with a name or ID of '${shown['id']}' exists.`,
      );
    });

    it('is told plainly what this service does not do', async () => {
      await expectDone(mary.cinder('create', '1', '--name', 'c-empty', '--poll'));
      const backup = await mary.cinder('backup-create', 'c-empty');
      expect(backup.err).toContain('This service makes volumes of backups, not backups of volumes.');
    });

    it('extends a volume, and is told what it may not be extended to (H-62)', async () => {
      await expectDone(mary.cinder('create', '1', '--name', 'c-grown', '--poll'));
      await expectDone(mary.cinder('extend', 'c-grown', '2'));
      await lab().available(mary, 'c-grown');
      expect(propertiesOf(await mary.cinder('show', 'c-grown'))).toMatchObject({ status: 'available', size: '2' });
      expect((await mary.cinder('extend', 'c-grown', '2')).err).toContain(
        'ERROR: Invalid input received: New size for extend must be greater than current size. (current: 2, extended: 2). (HTTP 400)',
      );
    });

    it('backup-restore replaces what a volume holds, and makes a new one (H-72, H-74, H-162b, H-162c)', async () => {
      await expectDone(mary.cinder('create', '1', '--name', 'c-target', '--poll'));
      for (const label of ['full', 'inc1'] as const) {
        const begun = await mary.cinder('backup-restore', lab().backupId(label), '--volume', 'c-target');
        expect(propertiesOf(begun)).toEqual({
          backup_id: lab().backupId(label),
          volume_id: expect.any(String),
          volume_name: 'c-target',
        });
        await lab().available(mary, 'c-target');
        expect(propertiesOf(await mary.cinder('show', 'c-target'))).toMatchObject({
          metadata: `src_backup_id : ${lab().backupId(label)}`,
        });
      }
      const anew = await mary.cinder('backup-restore', lab().backupId('inc2'), '--name', 'c-anew');
      expect(propertiesOf(anew)).toMatchObject({ backup_id: lab().backupId('inc2'), volume_name: 'c-anew' });
      await lab().available(mary, 'c-anew');
      expect((await mary.cinder('backup-restore', backupId, '--volume', 'nope')).err).toContain(
        "ERROR: No volume with a name or ID of 'nope' exists.",
      );
    });

    it('lists what there is none of (H-89)', async () => {
      const commands = ['snapshot-list', 'transfer-list', 'attachment-list', 'group-list'];
      const said = await Promise.all([
        ...commands.map((command) => mary.cinder(command)),
        lab().adam.cinder('qos-list'),
      ]);
      expect(said.map((listed) => rowsOf(listed))).toEqual([[], [], [], [], []]);
    });

    it('lists backups, zones and types, and negotiates the newest version (H-101)', async () => {
      const commands = ['backup-list', 'availability-zone-list', 'type-list', 'api-version'];
      const [backups, zones, types, versions] = await Promise.all(commands.map((command) => mary.cinder(command)));
      const links = lab().chain.links('inc3');
      expect(new Set(rowsOf(backups!).map(({ ID }) => ID))).toEqual(new Set(links.map(({ id }) => id)));
      expect(rowsOf(zones!)).toEqual([{ Name: 'nova', Status: 'available' }]);
      expect(rowsOf(types!)).toMatchObject([{ Name: '__DEFAULT__' }]);
      expect(rowsOf(versions!)).toMatchObject([{ Version: '3.71', Min_version: '3.0' }]);
    });

    it('shows an admin the host and all projects, and lets him reset states; a member may not (H-25)', async () => {
      const { adam } = lab();
      const { id } = propertiesOf(await mary.cinder('create', '--backup-id', backupId, '--name', 'c-admin', '--poll'));
      expect(propertiesOf(await adam.cinder('show', id!))).toHaveProperty('os-vol-host-attr:host');
      const refused = await mary.cinder('reset-state', id!, '--state', 'error');
      expect(refused.code).toBe(1);
      const rule = 'volume_extension:volume_admin_actions:reset_status';
      expect(refused.out + refused.err).toContain(`Policy doesn't allow ${rule} to be performed. (HTTP 403)`);
      await expectDone(adam.cinder('reset-state', id!, '--state', 'error'));
      expect(propertiesOf(await mary.cinder('show', id!))).toMatchObject({ status: 'error' });
    });

    it('lets a reader look and nothing else (S-1)', async () => {
      const { rita } = lab();
      const [listed, refused] = await Promise.all([
        rita.cinder('list'),
        rita.cinder('create', '--backup-id', backupId),
      ]);
      expect(rowsOf(listed)).not.toEqual([]);
      expect(refused.err).toContain("ERROR: Policy doesn't allow volume:create to be performed. (HTTP 403)");
    });

    it('shows a user of another project nothing', async () => {
      const { bert } = lab();
      const [listed, refused] = await Promise.all([
        bert.cinder('list', '--all-tenants'),
        bert.cinder('create', '--backup-id', backupId),
      ]);
      expect(rowsOf(listed)).toEqual([]);
      expect(refused.err).toContain(`ERROR: Backup ${backupId} could not be found. (HTTP 404)`);
    });
  });
}

async function expectDone(saying: ReturnType<Clients['cinder']>): Promise<void> {
  expect(await saying).toMatchObject({ code: 0, err: '' });
}
