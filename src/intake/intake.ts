import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog/catalog';
import type { Backup } from '../domain/backup';
import { Refusal } from '../domain/errors';
import { parentsFirst } from './chains';
import type { Link } from './chains';
import { reasonOf } from './source';
import type { FoundRecord, Place, RecordSource, Unreadable } from './source';

export interface IntakeOptions {
  readonly source: RecordSource;
  readonly catalog: Pick<Catalog, 'findBackup' | 'importBackup' | 'now'>;
  /** Whose the backups become; null: whose they were. */
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly availabilityZone: string;
  /** Whether the catalog stays as it is. */
  readonly dryRun: boolean;
  /** Of `total` records so many have been dealt with; the total is known once all have been found. */
  readonly onProgress?: (done: number, total: number | null) => void;
  /** What isn't taken in, as it turns up. */
  readonly onRefused: (refused: Unreadable) => void;
}

export interface Intake {
  readonly takenIn: number;
  /** In the catalog before. */
  readonly alreadyThere: number;
  /** Found more than once, saying the same. */
  readonly repeated: number;
  readonly refused: number;
}

/** Memory holds this of each record, and nothing else of more than one. */
interface Indexed extends Link {
  readonly place: Place;
  /** Tells records of one backup apart. */
  readonly digest: string;
}

/**
 * Takes records of backups into the catalog, whole chains, parents first. What is there already stays as it is, so that it can be
 * repeated; what can't be taken in is told, and so is what builds on it. Quotas are no limit here: the backups exist.
 */
export function takeIn(options: IntakeOptions): Promise<Intake> {
  return new Intaking(options).run();
}

const AT_ONCE = 8;

class Intaking {
  private takenIn = 0;
  private alreadyThere = 0;
  private repeated = 0;
  private refused = 0;
  private failure: { readonly error: unknown } | null = null;
  /** Backups that children may build on. */
  private readonly usable = new Set<string>();

  constructor(private readonly options: IntakeOptions) {}

  async run(): Promise<Intake> {
    const { onProgress } = this.options;
    const { links, endless } = parentsFirst(await this.index());
    let done = 0;
    await this.takeAll(links, () => onProgress?.(++done, links.length + endless.length));
    for (const { id, place } of endless) this.refuse(place.file, `backup ${id}: its chain leads back to itself`);
    const { takenIn, alreadyThere, repeated, refused } = this;
    return { takenIn, alreadyThere, repeated, refused };
  }

  /** Several side by side, as the database commits them together; but a child after its parent. @throws the first failure */
  private async takeAll(links: readonly Indexed[], onTaken: () => void): Promise<void> {
    const running = new Map<string, Promise<void>>();
    for (const link of links) {
      if (link.parentId !== null) await running.get(link.parentId);
      if (running.size === AT_ONCE) await Promise.race(running.values());
      if (this.failure) break;
      const taking = this.take(link)
        .catch((error: unknown) => {
          this.failure ??= { error };
        })
        .finally(() => {
          running.delete(link.id);
          onTaken();
        });
      running.set(link.id, taking);
    }
    await Promise.all(running.values());
    if (this.failure) throw this.failure.error;
  }

  private async index(): Promise<Map<string, Indexed>> {
    const index = new Map<string, Indexed>();
    for await (const found of this.options.source.records()) {
      if (found.kind === 'unreadable') this.refuse(found.unreadable.place, found.unreadable.why);
      else this.add(index, found.place, found.record);
      this.options.onProgress?.(index.size, null);
    }
    return index;
  }

  private add(index: Map<string, Indexed>, place: Place, record: FoundRecord): void {
    const { id, parentId } = record;
    const digest = createHash('sha256').update(JSON.stringify(record)).digest('base64');
    const first = index.get(id);
    if (!first) index.set(id, { id, parentId, place, digest });
    else if (first.digest === digest) this.repeated += 1;
    else this.refuse(place.file, `backup ${id}: ${first.place.file} says otherwise of it`);
  }

  /** @throws what isn't the record's fault: a catalog that can't be reached */
  private async take(link: Indexed): Promise<void> {
    const { id, place } = link;
    const record = await this.readAgain(link);
    const why = typeof record === 'string' ? record : await this.takeRecord(record);
    if (why === null) this.usable.add(id);
    else this.refuse(place.file, `backup ${id}: ${why}`);
  }

  /** The record, or why there is none. */
  private async readAgain({ id, place }: Indexed): Promise<FoundRecord | string> {
    try {
      const record = await this.options.source.read(place);
      return record.id === id ? record : 'has been changed meanwhile';
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Answers why it isn't taken in, or null. */
  private async takeRecord(record: FoundRecord): Promise<string | null> {
    const { catalog } = this.options;
    const { id, parentId } = record;
    if (parentId !== null && !(await this.isUsable(parentId))) {
      return `its parent ${parentId} is neither among them nor in the catalog`;
    }
    const there = await catalog.findBackup(id, 'all-projects');
    if (!there) return this.write(record);
    if (!isSame(there, record)) return 'the catalog has another backup of this id';
    this.alreadyThere += 1;
    return null;
  }

  private async write(record: FoundRecord): Promise<string | null> {
    const { catalog, availabilityZone, dryRun } = this.options;
    const { owner, ...rest } = record;
    const projectId = this.options.projectId ?? owner.projectId;
    if (!projectId) return 'names no project: say whose it becomes (--project)';
    const userId = this.options.userId ?? owner.userId ?? projectId;
    const createdAt = record.createdAt ?? (await catalog.now());
    const backup = { ...rest, projectId, userId, availabilityZone, host: null, createdAt };
    try {
      if (!dryRun) await catalog.importBackup(backup, { beyondQuota: true });
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
    this.takenIn += 1;
    return null;
  }

  private async isUsable(id: string): Promise<boolean> {
    return this.usable.has(id) || (await this.options.catalog.findBackup(id, 'all-projects')) !== null;
  }

  private refuse(place: string, why: string): void {
    this.refused += 1;
    this.options.onRefused({ place, why });
  }
}

/** Whether an id stands for one backup. */
function isSame(there: Backup, record: FoundRecord): boolean {
  return (
    there.container === record.container &&
    there.serviceMetadata === record.serviceMetadata &&
    there.parentId === record.parentId
  );
}
