import type { Clients } from '../support/clients';
import type { KeystoneLab } from './keystone-lab';

/** openstacksdk (H-110 to H-115, H-157); its side is `sdk.py`. */
export function openstacksdkFlows(lab: () => KeystoneLab): void {
  describe('openstacksdk', () => {
    let mary: Clients;
    let backup: string;
    beforeAll(() => {
      mary = lab().mary;
      backup = lab().backupId('inc2');
    });

    it('creates a volume from a backup, by both of its layers, and waits for it (H-110, H-111, H-112, H-113)', async () => {
      expect(await mary.sdk('create', { name: 's-proxy', backup })).toMatchObject({
        begun: 'creating',
        status: 'available',
        metadata: { src_backup_id: backup },
        // Which it forgets of a volume of Cinder's.
        backup,
      });
      expect(await mary.sdk('create_by_cloud_layer', { name: 's-cloud', backup })).toMatchObject({
        status: 'available',
      });
    });

    it('edits it, finds it by its new name, and deletes it', async () => {
      const { id: volume } = (await mary.sdk('create', { name: 's-edited', backup })) as { id: string };
      expect(await mary.sdk('edit', { volume })).toEqual({
        id: volume,
        description: 'by the SDK',
        bootable: true,
        metadata: { src_backup_id: backup, tier: 'gold' },
      });
      expect(await mary.sdk('delete', { volume })).not.toContain(volume);
    });

    it('lists whole and by pages alike (H-115)', async () => {
      const { volumes, paged, backups, count, types, zones } = (await mary.sdk('lists')) as Record<string, string[]>;
      expect(paged).toEqual(volumes);
      expect(count).toBe(volumes!.length);
      expect(backups).toHaveLength(4);
      expect([types, zones]).toEqual([['__DEFAULT__'], ['nova']]);
    });

    it('restores several backups at once (H-72, H-164)', async () => {
      const backups = [lab().backupId('full'), lab().backupId('inc1'), backup];
      expect(await mary.sdk('restore', { backups })).toEqual(
        backups.map((each) => ({ status: 'available', metadata: { src_backup_id: each } })),
      );
    });

    it('shows an admin limits, quotas, services and pools, and switches a backend (H-82 to H-85)', async () => {
      const { adam, keystone } = lab();
      expect(await adam.sdk('administer', { project: keystone.projects.alpha })).toEqual({
        backups_used: 4,
        gigabytes: [-1, 700],
        services: ['cinder-backup', 'cinder-scheduler', 'cinder-volume'],
        pools: [expect.stringMatching(/@file#default$/)],
        switched: [
          ['disabled', 'new disks'],
          ['enabled', null],
        ],
        extensions: expect.arrayContaining(['os-services']),
      });
    });

    it('stops waiting when a create fails, and can ask why (H-112, H-120)', async () => {
      const failed = await mary.sdk('fail', { name: 's-broken', backup: lab().backupId('inc3') });
      expect(failed).toEqual({
        failure: expect.stringMatching(/^Volume:.* transitioned to failure state error$/),
        status: 'error',
        reasons: [expect.stringContaining('-00001: SHA-256 of the block')],
      });
    });

    it('raises its own exceptions, with our texts', async () => {
      const nothing = '00000000-0000-4000-8000-000000000000';
      expect(await mary.sdk('refusals', { backup })).toEqual({
        'unknown zone': { kind: 'BadRequestException', status: 400, says: "Availability zone 'zz' is invalid." },
        'unknown backup': { kind: 'NotFoundException', status: 404, says: `Backup ${nothing} could not be found.` },
        'unknown volume': { kind: 'NotFoundException', status: 404, says: `Volume ${nothing} could not be found.` },
        'no size': {
          kind: 'BadRequestException',
          status: 400,
          says: 'Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1',
        },
      });
    });
  });
}
