import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { BackupLink } from '../../src/domain/backup';
import { deleteBackupWorkflowId } from '../../src/temporal';
import { eventually } from '../support/eventually';
import { damageableCopy, fixture } from '../support/fixtures';
import type { DamageableCopy } from '../support/fixtures';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { everyAnswerLostOnce } from '../support/step-faults';

const chain = fixture('backup-container-option');

let house: House;
let repository: DamageableCopy;
beforeAll(async () => {
  repository = damageableCopy(chain);
  house = await startHouse({ repository: repository.repoRoot, interceptors: [everyAnswerLostOnce()] });
  await house.importChain(chain);
});
afterAll(async () => {
  await house.stop();
  repository.dispose();
});

const remove = (backupId: string, force = false) =>
  house.workflows.removeBackup({ backupId, projectId: PROJECT, requestId: `req-${randomUUID()}`, force });
const gone = (backupId: string) => eventually(async () => ((await house.backup(backupId)) === null ? true : null));
const filesOf = ({ container, serviceMetadata }: BackupLink): string[] =>
  readdirSync(path.join(repository.repoRoot, container!)).filter((name) => name.startsWith(serviceMetadata!));
const allFiles = (): string[] => readdirSync(repository.repoRoot, { recursive: true, encoding: 'utf8' }).sort();

describe('deleting a backup and its objects', () => {
  it('is refused while another builds on it, and removes nothing (H-69)', async () => {
    const [full] = chain.links('full');
    const before = allFiles();
    await expect(remove(full!.id)).rejects.toThrow('Invalid backup: Incremental backups exist for this backup.');
    await expect(remove(full!.id, true)).rejects.toThrow('Invalid backup: Incremental backups exist for this backup.');
    expect(await house.backup(full!.id)).toMatchObject({ status: 'available' });
    expect(allFiles()).toEqual(before);
  });

  it('removes the objects of this backup and of no other, then the record (F-1)', async () => {
    const [leaf, parent] = chain.links('inc3');
    const stranger = path.join(repository.repoRoot, leaf!.container!, `${leaf!.serviceMetadata}_notes`);
    writeFileSync(stranger, 'not one of its objects');
    const others = chain.links('inc2').map(filesOf);
    expect(filesOf(leaf!).length).toBeGreaterThan(2);

    await remove(leaf!.id);

    await gone(leaf!.id);
    expect(filesOf(leaf!)).toEqual([path.basename(stranger)]);
    expect(chain.links('inc2').map(filesOf)).toEqual(others);
    expect(await house.backup(parent!.id)).toMatchObject({ status: 'available', dependentBackups: 0 });
  });

  it('keeps objects that the record of another backup names too (H-161f)', async () => {
    const [leaf] = chain.links('inc2');
    const again = { ...leaf!, id: randomUUID() };
    await house.importLinks([again]);
    const before = filesOf(leaf!);

    await remove(again.id);

    await gone(again.id);
    expect(filesOf(leaf!)).toEqual(before);
  });

  it('that cannot be done ends in error_deleting with the reason, from which only force leads on', async () => {
    const foreign = { ...chain.links('full')[0]!, id: randomUUID(), service: 'cinder.backup.drivers.swift' };
    await house.importLinks([{ ...foreign, serviceMetadata: 'elsewhere' }]);

    await remove(foreign.id);

    const handle = house.client.workflow.getHandle(deleteBackupWorkflowId(foreign.id));
    await expect(handle.result()).rejects.toThrow();
    expect(await house.backup(foreign.id)).toMatchObject({
      status: 'error_deleting',
      failReason: expect.stringContaining('cinder.backup.drivers.swift'),
    });
    await expect(remove(foreign.id)).rejects.toThrow('Backup status must be available or error');
    await house.catalog.deleteBackup(foreign.id, true);
    expect(await house.backup(foreign.id)).toBeNull();
  });
});
