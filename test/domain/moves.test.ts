import { mayBecomeReader } from '../../src/domain/backup-lock';
import type { BackupLock } from '../../src/domain/backup-lock';
import type { BackupStatus } from '../../src/domain/backup';
import { BACKUP_MOVES, VOLUME_MOVES } from '../../src/domain/moves';

describe('the moves of a volume', () => {
  it('lead from creating only to available, error and deletion (S-45, S-47)', () => {
    const moves = Object.entries(VOLUME_MOVES).filter(([, { from }]) => from.some((status) => status === 'creating'));
    expect(Object.fromEntries(moves.map(([name, { to }]) => [name, to]))).toEqual({
      complete: 'available',
      fail: 'error',
      beginDeletion: 'deleting',
      beginForcedDeletion: 'deleting',
    });
  });

  it('lead to error_restoring, which clients wait on for ever, from no create (H-120, H-121)', () => {
    const there = Object.values(VOLUME_MOVES).filter(({ to }) => to === 'error_restoring');
    expect(there.map(({ from }) => from)).toEqual([['restoring-backup']]);
  });

  it('lead from extending only to available, error_extending and a forced deletion; error_extending can be deleted (H-57, H-62)', () => {
    const movesFrom = (status: string) =>
      Object.entries(VOLUME_MOVES).flatMap(([name, { from, to }]) =>
        from.some((each) => each === status) ? [[name, to]] : [],
      );
    expect(Object.fromEntries(movesFrom('extending'))).toEqual({
      beginExtension: 'extending',
      withdrawExtension: 'available',
      completeExtension: 'available',
      failExtension: 'error_extending',
      beginForcedDeletion: 'deleting',
    });
    expect(Object.fromEntries(movesFrom('error_extending'))).toEqual({
      beginDeletion: 'deleting',
      beginForcedDeletion: 'deleting',
    });
  });

  it('lead out of deleting only to deleted, and out of deleted nowhere', () => {
    const targetsOf = (status: string) =>
      Object.values(VOLUME_MOVES)
        .filter(({ from }) => from.some((each) => each === status))
        .map(({ to }) => to);
    expect(targetsOf('deleting')).toEqual(['deleted']);
    expect(targetsOf('deleted')).toEqual([]);
  });
});

describe('the moves of a backup', () => {
  it('are available to restoring and back; error only by an administrator (S-47, H-70)', () => {
    expect(BACKUP_MOVES.lock).toEqual({ from: ['available'], to: 'restoring' });
    expect(BACKUP_MOVES.release).toEqual({ from: ['restoring'], to: 'available' });
    const toError = Object.entries(BACKUP_MOVES).filter(([, { to }]) => to === 'error');
    expect(toError.map(([name]) => name)).toEqual(['resetToError']);
  });
});

describe('one more reader of a backup', () => {
  it.each<[BackupStatus, BackupLock, number, boolean]>([
    ['available', 'exclusive', 0, true],
    ['available', 'shared', 0, true],
    ['restoring', 'exclusive', 1, false],
    ['restoring', 'shared', 1, true],
    ['restoring', 'shared', 0, false],
    ['error', 'shared', 1, false],
    ['creating', 'exclusive', 0, false],
    ['deleting', 'shared', 1, false],
    ['error_deleting', 'shared', 1, false],
    ['deleted', 'shared', 1, false],
  ])(
    'of a backup that is %s, with %s locking and %i readers: %s (H-66, S-5, W-6)',
    (status, lock, readers, allowed) => {
      expect(mayBecomeReader(status, lock, readers)).toBe(allowed);
    },
  );
});
