// Temporal's registry: every function exported from here is a workflow type. test/workflows/registry.test.ts keeps the list.
export { createVolumeFromBackup } from './create-volume-from-backup';
export { createVolume } from './create-volume';
export { explainCreation } from './explain-creation';
export { extendVolume } from './extend-volume';
export { restoreVolume } from './restore-volume';
export { deleteBackup } from './delete-backup';
export { deleteVolume } from './delete-volume';
export { reconcile } from './reconcile';
