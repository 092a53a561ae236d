import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GIB } from '../src/domain/volume';
import { nameOf } from './cases';
import type { Case } from './cases';
import { restoreWith } from './contenders';
import type { Contender, Restore } from './contenders';
import { residentShare, warm } from './page-cache';
import { readRepository, repositoryFolder } from './repository';
import type { Repository } from './repository';
import { writeRequest } from './request';
import { measureRoofline } from './roofline';
import type { Roofline } from './roofline';

/** One pair of restores and the roofline at that time: other load on the machine then counts for all of them. */
export interface Round {
  readonly cinder: Restore;
  readonly rekindle: Restore;
  readonly roofline: Roofline;
}

export interface CaseResult {
  readonly case: Case;
  readonly dataBytes: number;
  readonly rounds: readonly Round[];
  /** W-1: zeros in increments that Cinder leaves out. */
  readonly isCinderRight: boolean;
  /** Lowest share of the repository that was in memory before a restore. */
  readonly residentShare: number | null;
}

export interface CaseOrder {
  readonly python: string;
  readonly cache: string;
  readonly runs: number;
}

interface Attempt {
  readonly restore: Restore;
  readonly isRight: boolean;
  readonly resident: number | null;
}

export async function runCase(each: Case, { python, cache, runs }: CaseOrder): Promise<CaseResult> {
  const repository = await readRepository(repositoryFolder(cache, each), each);
  const course = new Course(each, repository, python, join(cache, 'pool'));
  const rounds: Round[] = [];
  const attempts: Attempt[] = [];
  let isCinderRight = true;
  for (let index = 0; index < runs; index += 1) {
    // Who goes first alternates too.
    const order: Contender[] = index % 2 === 0 ? ['cinder', 'rekindle'] : ['rekindle', 'cinder'];
    const made: Partial<Record<Contender, Attempt>> = {};
    for (const contender of order) made[contender] = await course.attempt(contender);
    const { cinder, rekindle } = made as Record<Contender, Attempt>;
    if (!rekindle.isRight) throw new Error(`Rekindle restored wrong bytes: ${nameOf(each)}`);
    isCinderRight &&= cinder.isRight;
    attempts.push(cinder, rekindle);
    rounds.push({ cinder: cinder.restore, rekindle: rekindle.restore, roofline: await course.roofline() });
  }
  const shares = attempts.map(({ resident }) => resident).filter((share) => share !== null);
  const lowest = shares.length > 0 ? Math.min(...shares) : null;
  return { case: each, dataBytes: repository.chain[0]!.dataBytes, rounds, isCinderRight, residentShare: lowest };
}

/** The runs of one case. All files are made in `pool`, and removed after each run. */
class Course {
  private readonly requestFile: string;
  private readonly scratchFile: string;

  constructor(
    private readonly each: Case,
    private readonly repository: Repository,
    private readonly python: string,
    private readonly pool: string,
  ) {
    this.requestFile = join(pool, `request-${process.pid}.json`);
    this.scratchFile = join(pool, `scratch-${process.pid}`);
  }

  async attempt(contender: Contender): Promise<Attempt> {
    await mkdir(this.pool, { recursive: true });
    const target = join(this.pool, `volume-${randomUUID()}`);
    try {
      await this.writeRequest(target);
      await warm(this.repository);
      const resident = await residentShare(this.repository);
      const { python, requestFile, scratchFile } = this;
      const restore = await restoreWith[contender]({ python, requestFile, scratchFile });
      return { restore, resident, isRight: (await sha256Of(target)) === this.repository.chain[0]!.sha256 };
    } finally {
      await this.cleanUp(target);
    }
  }

  async roofline(): Promise<Roofline> {
    const file = join(this.pool, `dd-${process.pid}`);
    try {
      await this.writeRequest(file);
      await warm(this.repository);
      const { python, requestFile } = this;
      return await measureRoofline({ python, requestFile, file, dataBytes: this.repository.chain[0]!.dataBytes });
    } finally {
      await this.cleanUp(file);
    }
  }

  private async writeRequest(target: string): Promise<void> {
    const { root, chain } = this.repository;
    await writeRequest(this.requestFile, { repository: root, chain, sizeBytes: this.each.gib * GIB, target });
  }

  private async cleanUp(target: string): Promise<void> {
    const files = [target, `${target}.lock`, this.requestFile, this.scratchFile];
    await Promise.all(files.map((file) => rm(file, { recursive: true, force: true })));
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
