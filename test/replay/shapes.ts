/** Every way that a run of a workflow can take, and the history that was recorded of it. */
export const SHAPES = [
  'create, copied',
  'create, natively',
  'create, of a damaged backup',
  'create, cancelled in its copy',
  'create, on the second pool',
  'create, where no pool takes it',
  'create, refused',
  'create, retried',
  'create, empty',
  'delete',
  'delete, of one that is being created',
  'delete, refused',
  'restore',
  'restore, of a damaged backup',
  'restore, cancelled in its copy',
  'restore, refused',
  'extend',
  'extend, where the pool is full',
  'extend, refused',
  'delete a backup',
  'delete a backup, refused',
  'explain',
  'reconcile, with nothing to do',
  'reconcile, of a create that was terminated',
] as const;

export type Shape = (typeof SHAPES)[number];
