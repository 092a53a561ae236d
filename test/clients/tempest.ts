import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clientsVenv } from '../support/clients-venv';
import type { KeystoneLab } from './keystone-lab';

/** The modules of `tempest.api.volume` that ask for what this service has. */
const MODULES = [
  'test_versions',
  'test_volumes_get',
  'test_volumes_list',
  'test_volumes_actions',
  'test_volume_metadata',
  'admin.test_volume_retype.VolumeRetypeWithoutMigrationTest',
  ...['test_volume_type_create_get_delete', 'test_volume_crud_with_volume_type_and_extra_specs'].map(
    (test) => `admin.test_volume_types.VolumeTypesTest.${test}`,
  ),
  // The one that extends a volume (test_volumes_extend) asks Glance for an image first.
  ...[
    'test_volume_extend_with_size_smaller_than_original_size',
    'test_volume_extend_with_non_number_size',
    'test_volume_extend_with_None_size',
    'test_volume_extend_with_nonexistent_volume_id',
    'test_volume_extend_without_passing_volume_id',
    'test_create_volume_with_nonexistent_source_volid',
  ].map((test) => `test_volumes_negative.VolumesNegativeTest.${test}`),
];

/** What in them can't succeed, and why. */
const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  test_volume_create_get_update_delete_from_image: 'there are no images here',
};

/** A class of tests takes seconds; a busy machine makes minutes of them. */
const TIMEOUT_MS = 900_000;

/** Tempest, OpenStack's own tests of a cloud, which make users of their own in Keystone (H-160, H-165). */
export function tempestFlows(lab: () => KeystoneLab): void {
  it(
    'tempest finds all of Cinder’s volumes that there is here (H-151, H-160, H-165)',
    async () => {
      const { ran, failed } = await runTempest(lab());
      expect(failed).toEqual(Object.keys(KNOWN_FAILURES).sort());
      expect(ran).toBeGreaterThan(20);
    },
    TIMEOUT_MS,
  );
}

interface TempestResult {
  readonly ran: number;
  /** Names of methods; of a class that could not begin, the class's. */
  readonly failed: readonly string[];
}

async function runTempest({ keystone }: KeystoneLab): Promise<TempestResult> {
  const { python } = await clientsVenv();
  const folder = mkdtempSync(path.join(tmpdir(), 'rekindle-tempest-'));
  writeFileSync(path.join(folder, 'tempest.conf'), configuration(keystone.url, keystone.password, folder));
  const modules = MODULES.map((module) => `tempest.api.volume.${module}`);
  const printed = await new Promise<string>((resolve) => {
    const env = {
      ...process.env,
      TEMPEST_CONFIG_DIR: folder,
      TEMPEST_CONFIG: 'tempest.conf',
      PYTHONWARNINGS: 'ignore',
    };
    const options = { env, timeout: TIMEOUT_MS, maxBuffer: 2 ** 28 };
    execFile(python, ['-m', 'testtools.run', ...modules], options, (_failed, out, err) => resolve(out + err));
  });
  rmSync(folder, { recursive: true });
  const ran = /^Ran (\d+) tests/m.exec(printed)?.[1];
  if (ran === undefined) throw new Error(`Tempest did not end by itself:\n${printed.slice(-5_000)}`);
  const failed = [...printed.matchAll(/^(?:FAIL|ERROR): (?:[\w.]+\.)?(\w+(?: \(.*\))?)(?:\[.*\])?$/gm)].map(
    ([, name = '']) => name,
  );
  return { ran: Number(ran), failed: failed.sort() };
}

/** Of a cloud that has nothing but volumes. Glance has to be claimed, or the modules don't even load. */
function configuration(url: string, password: string, folder: string): string {
  return `
[DEFAULT]
log_dir = ${folder}
log_file = tempest.log
[auth]
use_dynamic_credentials = true
admin_username = bootstrap
admin_project_name = bootstrap
admin_password = ${password}
admin_domain_name = Default
create_isolated_networks = false
[identity]
uri_v3 = ${url}
auth_version = v3
region = RegionOne
[service_available]
cinder = true
glance = true
nova = false
neutron = false
swift = false
[volume]
catalog_type = volumev3
min_microversion = 3.0
max_microversion = 3.71
build_interval = 1
build_timeout = 60
vendor_name = Rekindle
storage_protocol = file
[volume-feature-enabled]
snapshot = false
clone = false
[oslo_concurrency]
lock_path = ${folder}
`;
}
