import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { clientsFile } from '../support/clients-venv';
import type { KeystoneLab } from './keystone-lab';

const run = promisify(execFile);

/** The first build compiles gophercloud. */
const BUILD_TIMEOUT_MS = 180_000;

/** gophercloud, under Terraform and many others (H-130, H-131, H-158, H-159); its side is `gophercloud/main.go`. */
export function gophercloudFlows(lab: () => KeystoneLab): void {
  const hasGo = spawnSync('go', ['version']).status === 0;
  if (!hasGo) console.warn('There is no Go on this machine: NOTHING of gophercloud is tested here.');
  (hasGo ? describe : describe.skip)('gophercloud', () => {
    let folder: string;
    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'rekindle-gophercloud-'));
      await run('go', ['build', '-o', path.join(folder, 'program'), '.'], { cwd: clientsFile('gophercloud') });
    }, BUILD_TIMEOUT_MS);
    afterAll(() => rmSync(folder, { recursive: true }));

    /** Runs one of the program's flows as mary; what it printed. */
    const flow = async (name: string): Promise<unknown> => {
      const { keystone } = lab();
      const env = {
        ...keystone.environment('mary', 'alpha'),
        // Its own names for the same things.
        OS_PROJECT_ID: keystone.projects.alpha,
        OS_DOMAIN_NAME: 'Default',
      };
      const { stdout } = await run(path.join(folder, 'program'), [name, lab().backupId('inc1')], { env });
      return JSON.parse(stdout);
    };

    it('creates a volume from a backup, waits for it, and finds it by its name (H-130, H-131, H-158)', async () => {
      const backup = lab().backupId('inc1');
      expect(await flow('create')).toEqual({
        begun: 'creating',
        status: 'available',
        backup,
        size: 1,
        metadata: { src_backup_id: backup },
        listed: 1,
      });
    });

    it('creates one as the driver for Kubernetes does, at 3.51 (H-152)', async () => {
      const { backup, status } = (await flow('csi')) as Record<string, unknown>;
      expect({ backup, status }).toEqual({ backup: lab().backupId('inc1'), status: 'available' });
    });

    it('does all that Terraform does in the life of a volume, which keeps its backup_id (H-140, H-141, H-150, H-159)', async () => {
      const { adam } = lab();
      await adam.cinder('type-create', 'g-retyped');
      expect(await flow('terraform')).toEqual({
        backup: lab().backupId('inc1'),
        size: 2,
        name: 'g-applied',
        type: 'g-retyped',
        metadata: { tier: 'gold' },
        gone: true,
      });
      expect((await adam.cinder('type-delete', 'g-retyped')).code).toBe(0);
    });

    it('hears our words in its errors', async () => {
      const nothing = '00000000-0000-4000-8000-000000000000';
      expect(await flow('refusals')).toEqual([
        expect.stringContaining(`but got 400 instead: {"badRequest":{"code":400,"message":"Availability zone 'zz' is`),
        expect.stringContaining(`"message":"Backup ${nothing} could not be found."`),
        expect.stringContaining(`"message":"Volume ${nothing} could not be found."`),
      ]);
    });
  });
}
