import type { BackupStatus } from './backup';
import { gib } from './capacity';
import type { RefusalCode } from './errors';
import { explain } from './failure-reason';
import { estimateOf } from './measured-copy';
import type { Estimate, MeasuredCopies } from './measured-copy';
import type { JudgedPool } from './placement';
import { messageText } from './user-message';
import { GIB } from './volume';
import { mergeMetadata } from './volume-metadata';
import type { GivenMetadata, VolumeMeta } from './volume-metadata';

/*
 * What would become of a request to create a volume, told without doing anything: put together from what the steps of a creation
 * themselves decide by. Pure.
 */

/** A certain refusal, as plain data. */
export interface Said {
  readonly code: RefusalCode;
  readonly message: string;
}

/** What the catalog says of the request. */
export interface JudgedRequest {
  readonly volume: GivenMetadata & {
    readonly sizeGib: number;
    readonly typeName: string;
    readonly availabilityZone: string;
  };
  readonly backup: JudgedBackup | null;
  /** Why the request would be refused at once; null: it would be accepted. */
  readonly refusal: Said | null;
  readonly pools: readonly JudgedPool[];
  /** Why no pool takes the volume; null: one does. */
  readonly nowhere: Said | null;
  /** null: no pool takes the volume. */
  readonly chosen: ChosenPool | null;
}

export interface JudgedBackup {
  readonly id: string;
  readonly name: string | null;
  readonly status: BackupStatus;
  readonly sizeGib: number;
  /** null: the chain is broken. */
  readonly chainLength: number | null;
  /** Volumes that it is being restored to. */
  readonly readers: number;
  /** Whether it can't be had until they are ready. */
  readonly isLocked: boolean;
}

export interface ChosenPool {
  readonly poolName: string;
  /** What can still be written there; null: nobody knows. */
  readonly reallyFreeGib: number | null;
}

/** Which way the data will go, if that can be known before. */
export type RestorePath =
  | { readonly mode: 'native'; readonly reason: string }
  | { readonly mode: 'copy'; readonly reason: string }
  | { readonly mode: null; readonly reason: string };

/** What a restore would move. */
export interface RestoreFigures {
  /** Objects that are read. */
  readonly objects: number;
  /** Stored bytes of them, at the most: what follows the last byte that counts is left out where the codec allows it. */
  readonly fetchedBytes: number;
  /** Bytes of the volume that come from objects; the rest reads zero. */
  readonly dataBytes: number;
  /** Of most of its data; null: there is none. */
  readonly codec: string | null;
}

export interface PlannedRestore extends RestoreFigures {
  readonly kind: 'planned';
  readonly path: RestorePath;
  readonly volumeMeta: VolumeMeta | null;
  /** Copies of the same kind. */
  readonly measured: MeasuredCopies | null;
}

export type Plan =
  | PlannedRestore
  /** The creation would fail, and say this. */
  | { readonly kind: 'hopeless'; readonly failure: Said }
  /** Nobody could say in time. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'nothing-to-move' };

export interface Explanation {
  /** Null: nothing speaks against it. */
  readonly refusal: ExplainedRefusal | null;
  /** How it would end; null: that can't be known. */
  readonly outcome: 'available' | 'refused' | 'error' | null;
  readonly volume: {
    readonly name: string | null;
    readonly sizeGib: number;
    readonly typeName: string;
    readonly availabilityZone: string;
  };
  readonly backup: JudgedBackup | null;
  readonly pools: readonly JudgedPool[];
  readonly path: RestorePath;
  readonly figures: (RestoreFigures & { readonly zeroBytes: number }) | null;
  /** Why there are no figures; null where there are. */
  readonly figuresReason: string | null;
  readonly estimate: Estimate | null;
  readonly estimateReason: string;
  /** What may yet go wrong. */
  readonly warnings: readonly string[];
}

export interface ExplainedRefusal extends Said {
  /** Whether the caller of the create would be told so; otherwise the volume ends in `error`, and its user message says this. */
  readonly isAtOnce: boolean;
}

/** Joins what the catalog and the plan say. */
export function explanationOf(judged: JudgedRequest, plan: Plan): Explanation {
  const { volume, backup, pools, chosen } = judged;
  const refusal = refusalOf(judged, plan);
  const { sizeGib, typeName, availabilityZone } = volume;
  const volumeMeta = plan.kind === 'planned' ? plan.volumeMeta : null;
  const { name } = backup ? mergeMetadata(volume, { backupId: backup.id, volumeMeta }) : volume;
  return {
    refusal,
    outcome: outcomeOf(refusal, plan),
    volume: { name, sizeGib, typeName, availabilityZone },
    backup,
    pools: pools.map((pool) => unlessItRefuses(pool, { chosen, plan })),
    path: pathOf(plan),
    ...figuresOf(plan, sizeGib),
    ...estimated(plan, judged),
    warnings: warningsOf(plan, judged),
  };
}

/** The last pool that would be tried may refuse, too. */
function unlessItRefuses(
  pool: JudgedPool,
  { chosen, plan }: { readonly chosen: ChosenPool | null; readonly plan: Plan },
): JudgedPool {
  const isIt = pool.name === chosen?.poolName && plan.kind === 'hopeless' && plan.failure.code === 'PoolRefused';
  return isIt ? { ...pool, isFit: false, reason: plan.failure.message } : pool;
}

/** The first that the creation would meet. */
function refusalOf({ refusal, nowhere }: JudgedRequest, plan: Plan): ExplainedRefusal | null {
  if (refusal) return { ...refusal, isAtOnce: true };
  const failure = nowhere ?? (plan.kind === 'hopeless' ? plan.failure : null);
  return failure && { code: failure.code, message: messageText(explain(failure)), isAtOnce: false };
}

function outcomeOf(refusal: ExplainedRefusal | null, plan: Plan): Explanation['outcome'] {
  if (refusal) return refusal.isAtOnce ? 'refused' : 'error';
  return plan.kind === 'unknown' ? null : 'available';
}

function pathOf(plan: Plan): RestorePath {
  if (plan.kind === 'planned') return plan.path;
  return { mode: null, reason: plan.kind === 'nothing-to-move' ? NO_DATA : NOT_PLANNED };
}

const NO_DATA = 'no data is moved';
const NOT_PLANNED = 'the restore could not be planned';

function figuresOf(plan: Plan, sizeGib: number): Pick<Explanation, 'figures' | 'figuresReason'> {
  const sizeBytes = sizeGib * GIB;
  if (plan.kind === 'nothing-to-move') {
    return { figures: { ...NOTHING, zeroBytes: sizeBytes }, figuresReason: null };
  }
  if (plan.kind === 'hopeless') return { figures: null, figuresReason: plan.failure.message };
  if (plan.kind === 'unknown') return { figures: null, figuresReason: plan.reason };
  const { objects, fetchedBytes, dataBytes, codec } = plan;
  return {
    figures: { objects, fetchedBytes, dataBytes, codec, zeroBytes: Math.max(0, sizeBytes - dataBytes) },
    figuresReason: null,
  };
}

const NOTHING: RestoreFigures = { objects: 0, fetchedBytes: 0, dataBytes: 0, codec: null };

function estimated(plan: Plan, { chosen }: JudgedRequest): Pick<Explanation, 'estimate' | 'estimateReason'> {
  if (plan.kind !== 'planned') return { estimate: null, estimateReason: pathOf(plan).reason };
  const { path, codec, dataBytes, measured } = plan;
  if (!chosen || path.mode === null) return { estimate: null, estimateReason: path.reason };
  if (codec === null) return { estimate: null, estimateReason: NO_DATA };
  const objects = codec === 'none' ? 'uncompressed objects' : `${codec} objects`;
  const kind = `of ${objects} onto ${chosen.poolName}${path.mode === 'native' ? " by the driver's own way" : ''}`;
  const estimate = measured && estimateOf(dataBytes, measured);
  if (!measured || !estimate) return { estimate, estimateReason: `no copy ${kind} has been measured yet` };
  const { copies, copiedBytes } = measured;
  const rests = `${copies} earlier ${copies === 1 ? 'copy' : 'copies'} ${kind}, of ${inMib(copiedBytes)} together`;
  return { estimate, estimateReason: `by ${rests}; a wait for its turn is not counted` };
}

function inMib(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`;
}

/** W-25: a promise is kept with real bytes, which the scheduler doesn't know the number of. */
function warningsOf(plan: Plan, { chosen }: JudgedRequest): readonly string[] {
  if (plan.kind !== 'planned' || plan.path.mode === 'native' || chosen?.reallyFreeGib == null) return [];
  const dataGib = plan.dataBytes / GIB;
  if (dataGib <= chosen.reallyFreeGib) return [];
  return [
    `Only ${gib(chosen.reallyFreeGib)} of ${chosen.poolName} are really free, and ${gib(dataGib)} will be written: ` +
      'the copy may run full.',
  ];
}
