import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { Action } from './action';
import type { VolumeWorkflows } from '../runs/volume-workflows';

/** What the actions on a volume have. */
export interface VolumeActionParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly workflows: VolumeWorkflows;
  readonly acceptTimeoutMs: number;
  readonly reportMaxAgeMs: number;
}

export type VolumeAction = Action<VolumeActionParts>;
