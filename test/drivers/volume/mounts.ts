import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Mount {
  readonly path: string;
  unmount(): void;
}

/** Tests on a small file system of their own, fresh for each of them. Skipped, with the reason, where none can be mounted. */
type OnFileSystem = (mounted: () => string) => void;

export function onTmpfs(sizeBytes: number, title: string, tests: OnFileSystem): void {
  describeOn(title, tests, (path) => run('mount', '-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', path));
}

/** A file system that can't punch holes. */
export function onRamfs(title: string, tests: OnFileSystem): void {
  describeOn(title, tests, (path) => run('mount', '-t', 'ramfs', 'ramfs', path));
}

export function onLoopDevice(type: 'xfs', title: string, tests: OnFileSystem): void {
  describeOn(title, tests, (path, folder) => {
    const image = join(folder, 'image');
    writeFileSync(image, '');
    // The smallest XFS that mkfs makes is 300 MiB.
    truncateSync(image, 512 * 1024 ** 2);
    run(`mkfs.${type}`, '-q', image);
    run('mount', '-o', 'loop', image, path);
  });
}

type MountOn = (path: string, folder: string) => void;

function describeOn(title: string, tests: OnFileSystem, mountOn: MountOn): void {
  const obstacle = whyNot(mountOn);
  const skipped = `${title} (skipped, as nothing can be mounted here: ${obstacle ?? ''})`;
  (obstacle === null ? describe : describe.skip)(obstacle === null ? title : skipped, () => {
    let mount: Mount | null = null;
    beforeEach(() => {
      mount = mountFresh(mountOn);
    });
    afterEach(() => mount?.unmount());
    tests(() => mount!.path);
  });
}

/** null if it works. Tried, not guessed: root in a container may lack the right, and mkfs may not be installed. */
function whyNot(mountOn: MountOn): string | null {
  try {
    mountFresh(mountOn).unmount();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0]! : String(error);
  }
}

function mountFresh(mountOn: MountOn): Mount {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-mount-'));
  const path = join(folder, 'mounted');
  mkdirSync(path);
  const remove = (): void => rmSync(folder, { recursive: true });
  try {
    mountOn(path, folder);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    path,
    unmount: () => {
      // Lazily: a test that failed may have left a file open.
      run('umount', '--lazy', path);
      remove();
    },
  };
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}
