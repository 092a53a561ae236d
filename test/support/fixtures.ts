import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupLink } from '../../src/domain/backup';
import { asPosixLink, layOutAsPosix, POSIX_SERVICE } from './posix-layout';

/**
 * Repositories that Cinder's own drivers wrote. Each is one volume backed up four times: `odd` volumes are 24 MiB + 12345
 * bytes, `sec` ones 24 MiB + 33 × 512 bytes, `1gib` ones 1 GiB; the records say 1 GiB of all of them.
 */
export const SMALL_FIXTURES = [
  'none-c4m-s32k-odd',
  'none-c1m-s1m-odd',
  'zlib-c4m-s32k-odd',
  'zlib-c64k-s4k-sec',
  'bz2-c4m-s32k-sec',
  'zstd-c4m-s32k-sec',
  'all-zero-volume',
  'backup-container-option',
] as const;
export const BIG_FIXTURES = ['zlib-c64m-1gib', 'zlib-defaults-1gib', 'none-c32m-1gib'] as const;
/** Written by Cinder's Swift and S3 drivers, 1 GiB too, and laid out here as its posix driver would have. */
export const OBJECT_STORE_FIXTURES = ['swift-zlib-defaults-1gib', 's3-zstd-defaults-1gib'] as const;
export type FixtureName =
  (typeof SMALL_FIXTURES)[number] | (typeof BIG_FIXTURES)[number] | (typeof OBJECT_STORE_FIXTURES)[number];

export const LABELS = ['full', 'inc1', 'inc2', 'inc3'] as const;
export type Label = (typeof LABELS)[number];

/** What `GET /backups/{id}/export_record` answered, and what `import_record` takes. */
export interface ExportedRecord {
  readonly 'backup-record': { readonly backup_service: string; readonly backup_url: string };
}

export interface Fixture {
  readonly name: FixtureName;
  /**
   * The directory that `backup_posix_path` named, or would have (`layOutAsPosix`). Shared by all tests: damage a copy
   * (`damageableCopy`) instead.
   */
  readonly repoRoot: string;
  readonly volumeBytes: number;
  /** The chain that ends in this backup, leaf first. */
  readonly links: (label: Label) => BackupLink[];
  /** SHA-256 of the whole volume after that backup. */
  readonly contentSha256: (label: Label) => string;
  readonly record: (label: Label) => ExportedRecord;
  /** The JSON inside the record's `backup_url`: the row of Cinder's database. */
  readonly decodedRecord: (label: Label) => Record<string, unknown>;
}

interface ExpectedLink {
  readonly label: Label;
  readonly backup_id: string;
  readonly parent_id: string | null;
  readonly volume_id: string;
  readonly size_gib: number;
  readonly container: string;
  readonly service_metadata: string;
  readonly object_count: number;
  readonly volume_bytes: number;
  readonly content_sha256: string;
}

interface Expected {
  readonly driver: string;
  readonly chain: readonly ExpectedLink[];
}

const ARCHIVES = path.join(__dirname, '..', 'fixtures');
const UNPACKED = path.join(__dirname, '..', '..', '.cache', 'fixtures');

/** Opens a fixture, unpacking its archive if no earlier test has. */
export function fixture(name: FixtureName): Fixture {
  const dir = unpack(name);
  const expected = expectedOf(dir);
  const indexOf = (label: Label): number => expected.chain.findIndex((link) => link.label === label);
  const recordPath = (label: Label, suffix: string): string =>
    path.join(dir, 'records', `${indexOf(label)}-${label}${suffix}`);
  return {
    name,
    repoRoot: path.join(dir, isPosix(expected) ? 'repo' : 'posix'),
    volumeBytes: expected.chain[0]!.volume_bytes,
    links: (label) => {
      const upTo = expected.chain.slice(0, indexOf(label) + 1);
      const links = upTo.map((link) => backupLink(link, expected.driver)).reverse();
      return isPosix(expected) ? links : links.map(asPosixLink);
    },
    contentSha256: (label) => expected.chain[indexOf(label)]!.content_sha256,
    record: (label) => readJson(recordPath(label, '.json')) as ExportedRecord,
    decodedRecord: (label) => readJson(recordPath(label, '.decoded.json')) as Record<string, unknown>,
  };
}

/** A repository of its own, for a test that damages it. */
export interface DamageableCopy {
  readonly repoRoot: string;
  /** Where an object of this backup lies: `suffix` is `-00001`, `_metadata` or `_sha256file`. */
  readonly pathOf: (link: BackupLink, suffix: string) => string;
  readonly dispose: () => void;
}

/** Copies a fixture's repository into a fresh directory. Not for the 1 GiB fixtures, unless you have patience. */
export function damageableCopy(original: Fixture): DamageableCopy {
  const repoRoot = mkdtempSync(path.join(tmpdir(), `rekindle-${original.name}-`));
  cpSync(original.repoRoot, repoRoot, { recursive: true });
  return {
    repoRoot,
    pathOf: (link, suffix) => path.join(repoRoot, link.container ?? '', `${link.serviceMetadata ?? ''}${suffix}`),
    dispose: () => rmSync(repoRoot, { recursive: true, force: true }),
  };
}

/** Unpacks under the archive's own hash and renames into place, so that parallel test processes share the result. */
function unpack(name: FixtureName): string {
  const archive = path.join(ARCHIVES, `${name}.tar.gz`);
  const hash = createHash('sha256').update(readFileSync(archive)).digest('hex').slice(0, 12);
  const dir = path.join(UNPACKED, `${name}-${hash}`);
  if (existsSync(dir)) return dir;
  mkdirSync(UNPACKED, { recursive: true });
  const fresh = mkdtempSync(path.join(UNPACKED, 'unpacking-'));
  execFileSync('tar', ['-xzf', archive, '-C', fresh]);
  if (!isPosix(expectedOf(fresh))) layOutAsPosix(path.join(fresh, 'repo'), path.join(fresh, 'posix'));
  try {
    renameSync(fresh, dir);
  } catch (error) {
    // Another process was faster; a directory that isn't empty can't be renamed over.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
  return dir;
}

function expectedOf(dir: string): Expected {
  return readJson(path.join(dir, 'expected.json')) as Expected;
}

function isPosix({ driver }: Expected): boolean {
  return driver === POSIX_SERVICE;
}

function backupLink(link: ExpectedLink, service: string): BackupLink {
  return {
    id: link.backup_id,
    parentId: link.parent_id,
    volumeId: link.volume_id,
    sizeGib: link.size_gib,
    service,
    container: link.container,
    serviceMetadata: link.service_metadata,
    objectCount: link.object_count,
  };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
