import { judge } from '../../src/domain/acceptance';
import type { AcceptanceFacts } from '../../src/domain/acceptance';
import type { Backup } from '../../src/domain/backup';
import type { CreateVolumeRequest } from '../../src/domain/create-request';
import { Refusal } from '../../src/domain/errors';
import { DEFAULT_QUOTA } from '../../src/domain/quota';
import type { VolumeType } from '../../src/domain/volume-type';

const BACKUP: Backup = {
  id: 'backup',
  projectId: 'project',
  userId: 'user',
  status: 'available',
  sizeGib: 2,
  name: null,
  description: null,
  failReason: null,
  volumeId: 'source',
  snapshotId: null,
  parentId: null,
  service: 'cinder.backup.drivers.posix.PosixBackupDriver',
  container: null,
  serviceMetadata: null,
  objectCount: 1,
  availabilityZone: 'elsewhere',
  host: null,
  encryptionKeyId: null,
  metadata: {},
  dataTimestamp: null,
  dependentBackups: 0,
  createdAt: new Date(0),
  updatedAt: null,
};

function requestOf(request: Partial<CreateVolumeRequest>): CreateVolumeRequest {
  return {
    volumeId: 'volume',
    projectId: 'project',
    userId: 'user',
    requestId: 'req-1',
    sizeGib: null,
    name: null,
    description: null,
    volumeType: null,
    availabilityZone: null,
    metadata: {},
    backupId: 'backup',
    readBack: false,
    expiresAt: '2999-01-01T00:00:00Z',
    ...request,
  };
}

function typeWith(extraSpecs: Record<string, string> = {}): VolumeType {
  return { id: 'type-id', name: 'fast', description: null, isPublic: true, extraSpecs };
}

function factsOf(facts: Partial<AcceptanceFacts>): AcceptanceFacts {
  return {
    type: typeWith(),
    defaultType: '__DEFAULT__',
    backup: BACKUP,
    backupLock: 'exclusive',
    backupReaders: 0,
    zones: ['nova', 'far'],
    defaultZone: 'nova',
    limits: DEFAULT_QUOTA,
    usage: { volumes: 0, gigabytes: 0, backups: 0, backupGigabytes: 0, ofTypes: {} },
    ...facts,
  };
}

describe('a request is accepted', () => {
  const cases: [string, Partial<CreateVolumeRequest>, Partial<AcceptanceFacts>, object][] = [
    [
      "with the backup's size, the default type and zone (H-38, S-7, S-9)",
      {},
      {},
      { sizeGib: 2, availabilityZone: 'nova' },
    ],
    ['with a size of its own (S-6)', { sizeGib: 3 }, {}, { sizeGib: 3 }],
    ["in any known zone, whatever the backup's (S-7)", { availabilityZone: 'far' }, {}, { availabilityZone: 'far' }],
    ['without a backup', { backupId: null, sizeGib: 1 }, { backup: null }, { sizeGib: 1 }],
    [
      'in a zone of the type (S-8)',
      { availabilityZone: 'far' },
      { type: typeWith({ 'RESKEY:availability_zones': 'nova, far' }) },
      { availabilityZone: 'far' },
    ],
    [
      'at the bounds of the type (S-3)',
      {},
      { type: typeWith({ 'provisioning:min_vol_size': '2', 'provisioning:max_vol_size': '2' }) },
      { sizeGib: 2 },
    ],
    [
      'that just fills the quota (S-12, S-13)',
      {},
      { usage: { volumes: 9, gigabytes: 998, backups: 0, backupGigabytes: 0, ofTypes: {} } },
      { sizeGib: 2 },
    ],
    [
      'beyond any number where the quota is unlimited (H-85)',
      {},
      {
        limits: { ...DEFAULT_QUOTA, volumes: -1, gigabytes: -1 },
        usage: { volumes: 1e6, gigabytes: 1e9, backups: 0, backupGigabytes: 0, ofTypes: {} },
      },
      { sizeGib: 2 },
    ],
    [
      'for a backup that others read, with shared locking (W-6)',
      {},
      { backup: { ...BACKUP, status: 'restoring' }, backupLock: 'shared', backupReaders: 1 },
      { sizeGib: 2 },
    ],
  ];
  it.each(cases)('%s', (_, request, facts, accepted) => {
    expect(judge(requestOf(request), factsOf(facts))).toMatchObject({ type: { name: 'fast' }, ...accepted });
  });
});

describe('a request is refused', () => {
  const NOT_AVAILABLE = "Invalid backup: Originating backup status must be one of 'available' values";
  const uuid = '6f7c1d9e-0000-4000-8000-000000000000';
  const cases: [string, Partial<CreateVolumeRequest>, Partial<AcceptanceFacts>, Refusal][] = [
    [
      'for an unknown name of a type (H-36)',
      { volumeType: 'slow' },
      { type: null },
      new Refusal('VolumeTypeNotFound', 'Volume type with name slow could not be found.'),
    ],
    [
      'for an unknown id of a type (H-36)',
      { volumeType: uuid },
      { type: null },
      new Refusal('VolumeTypeNotFound', `Volume type ${uuid} could not be found.`),
    ],
    [
      'for a default type that does not exist (S-9)',
      {},
      { type: null },
      new Refusal(
        'InvalidInput',
        'The request cannot be fulfilled as the default volume type __DEFAULT__ cannot be found.',
      ),
    ],
    [
      'for an unknown backup (H-36)',
      {},
      { backup: null },
      new Refusal('BackupNotFound', 'Backup backup could not be found.'),
    ],
    [
      'without a size and without a backup (S-2)',
      { backupId: null },
      { backup: null },
      new Refusal(
        'InvalidInput',
        'Invalid input received: Invalid volume size provided for create request: 0 (size argument must be an integer ' +
          '(or string representation of an integer) and greater than zero).',
      ),
    ],
    [
      'below the least size of the type (S-3)',
      {},
      { type: typeWith({ 'provisioning:min_vol_size': '3' }) },
      new Refusal(
        'InvalidInput',
        "Invalid input received: Specified volume size of '2' is less than the minimum required size of '3' for volume type 'fast'.",
      ),
    ],
    [
      'above the greatest size of the type (S-3)',
      { sizeGib: 9 },
      { type: typeWith({ 'provisioning:max_vol_size': '8' }) },
      new Refusal(
        'InvalidInput',
        "Invalid input received: Specified volume size of '9' is greater than the maximum allowable size of '8' for volume type 'fast'.",
      ),
    ],
    ...(['creating', 'deleting', 'error', 'error_deleting', 'restoring'] as const).map(
      (status): [string, Partial<CreateVolumeRequest>, Partial<AcceptanceFacts>, Refusal] => [
        `for a backup that is ${status} (S-5)`,
        {},
        { backup: { ...BACKUP, status } },
        new Refusal('InvalidBackup', NOT_AVAILABLE),
      ],
    ),
    [
      'for a size below the backup (S-6)',
      { sizeGib: 1 },
      {},
      new Refusal(
        'InvalidInput',
        'Invalid input received: Volume size 1GB cannot be smaller than the backup size 2GB. It must be >= backup size.',
      ),
    ],
    [
      'for a backup of an encrypted volume (W-14)',
      {},
      { backup: { ...BACKUP, encryptionKeyId: 'key' } },
      new Refusal(
        'InvalidBackup',
        'Invalid backup: Backup backup is of an encrypted volume (key key), and there are no encrypted volume types here: ' +
          "a volume with its data could not be read. Restore it with Cinder, to a volume of its source's type.",
      ),
    ],
    [
      'for an unknown zone (S-7)',
      { availabilityZone: 'zz' },
      {},
      new Refusal('InvalidInput', "Availability zone 'zz' is invalid."),
    ],
    [
      'for a zone that the type does not have (S-8)',
      { availabilityZone: 'far' },
      { type: typeWith({ 'RESKEY:availability_zones': 'nova,near' }) },
      new Refusal('InvalidInput', "Volume type is only supported in these availability zones: ['nova', 'near']"),
    ],
    [
      'above the limit of one volume (S-11)',
      {},
      { limits: { ...DEFAULT_QUOTA, perVolumeGigabytes: 1 } },
      new Refusal(
        'VolumeSizeExceedsLimit',
        'VolumeSizeExceedsLimit: Requested volume size 2G is larger than maximum allowed limit 1G.',
      ),
    ],
    [
      'beyond the gigabytes (S-12)',
      {},
      { usage: { volumes: 0, gigabytes: 999, backups: 0, backupGigabytes: 0, ofTypes: {} } },
      new Refusal(
        'VolumeSizeExceedsAvailableQuota',
        'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ' +
          'Requested 2G, quota is 1000G and 999G has been consumed.',
      ),
    ],
    [
      'beyond the number of volumes (S-13)',
      {},
      { usage: { volumes: 10, gigabytes: 10, backups: 0, backupGigabytes: 0, ofTypes: {} } },
      new Refusal(
        'VolumeLimitExceeded',
        "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
      ),
    ],
    [
      'beyond the gigabytes of the type (S-12)',
      {},
      { limits: { ...DEFAULT_QUOTA, ofTypes: { 'gigabytes:type-id': 1 } } },
      new Refusal(
        'VolumeSizeExceedsAvailableQuota',
        'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes_fast quota. ' +
          'Requested 2G, quota is 1G and 0G has been consumed.',
      ),
    ],
    [
      'beyond the number of volumes of the type (S-13)',
      {},
      {
        limits: { ...DEFAULT_QUOTA, ofTypes: { 'volumes:type-id': 1 } },
        usage: { volumes: 1, gigabytes: 1, backups: 0, backupGigabytes: 0, ofTypes: { 'volumes:type-id': 1 } },
      },
      new Refusal(
        'VolumeLimitExceeded',
        "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes_fast'.",
      ),
    ],
  ];
  it.each(cases)('%s', (_, request, facts, refusal) => {
    const judged = outcomeOf(() => judge(requestOf(request), factsOf(facts)));
    expect(judged).toEqual({ code: refusal.code, message: refusal.message });
  });

  it('first for what Cinder checks first: type, backup, status, size, zone, quota (H-36)', () => {
    const wrong = { type: null, backup: null, zones: [], limits: { ...DEFAULT_QUOTA, volumes: 0, gigabytes: 0 } };
    const request = requestOf({ volumeType: 'slow', sizeGib: 1 });
    const right: Partial<AcceptanceFacts>[] = [
      {},
      { type: typeWith() },
      { backup: { ...BACKUP, status: 'error' } },
      { backup: BACKUP },
      { backup: { ...BACKUP, sizeGib: 1 } },
      { zones: ['nova'] },
      { limits: { ...DEFAULT_QUOTA, volumes: 0 } },
      { limits: DEFAULT_QUOTA },
    ];
    // Each line mends one thing more.
    const codes = right.map((_, at) => {
      const facts = factsOf(Object.assign({}, wrong, ...right.slice(0, at + 1)) as Partial<AcceptanceFacts>);
      return outcomeOf(() => judge(request, facts)).code;
    });
    expect(codes).toEqual([
      'VolumeTypeNotFound',
      'BackupNotFound',
      'InvalidBackup',
      'InvalidInput',
      'InvalidInput',
      'VolumeSizeExceedsAvailableQuota',
      'VolumeLimitExceeded',
      'accepted',
    ]);
  });
});

function outcomeOf(call: () => unknown): { code: string; message: string } {
  try {
    call();
    return { code: 'accepted', message: '' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.code, message: error.message };
  }
}
