import { z } from 'zod';
import { requireAdmin } from './caller';
import { ANYTHING, listing, one } from './contract';
import type { Contract } from './contract';
import type { Reply } from './exchange';
import { readPaging } from './listing';
import { SINCE } from './microversions';
import type { Microversion } from './microversions';
import { badRequest, Problem } from './problems';
import type { Route } from './route';

/** A kind of thing that Cinder has and this service has not. Clients list them all the same. */
interface AbsentResource {
  /** The path below the project. */
  readonly path: string;
  /** The key of the list in the body. */
  readonly key: string;
  /** What a body that makes one asks for, in a sentence about this service. */
  readonly what: string;
  readonly since?: Microversion;
  readonly hasDetail?: boolean;
  /** Cinder's policy, where it lets only admins look. */
  readonly adminRule?: string;
  /** Cinder's text for an id that is nobody's; without one, none can be shown. */
  readonly notFound?: (id: string) => string;
  /** What may be done to one, as a method and the rest of its path. */
  readonly calls?: readonly (readonly [Route['method'], string])[];
}

const CHANGE = [
  ['put', ''],
  ['delete', ''],
] as const satisfies AbsentResource['calls'];

const TRANSFER = {
  key: 'transfers',
  what: 'transfers of volumes',
  hasDetail: true,
  notFound: (id) => `Transfer ${id} could not be found.`,
  calls: [
    ['delete', ''],
    ['post', '/accept'],
  ],
} as const satisfies Omit<AbsentResource, 'path'>;

const RESOURCES: readonly AbsentResource[] = [
  {
    path: '/snapshots',
    key: 'snapshots',
    what: 'snapshots',
    hasDetail: true,
    notFound: (id) => `Snapshot ${id} could not be found.`,
    calls: [...CHANGE, ['post', '/action'], ['get', '/metadata'], ['post', '/metadata'], ['put', '/metadata']],
  },
  { path: '/os-volume-transfer', ...TRANSFER },
  { path: '/volume-transfers', ...TRANSFER },
  {
    path: '/qos-specs',
    key: 'qos_specs',
    what: 'QoS specs',
    adminRule: 'volume_extension:qos_specs_manage:get_all',
    notFound: (id) => `No such QoS spec ${id}.`,
    calls: [
      ...CHANGE,
      ['put', '/delete_keys'],
      ['get', '/associations'],
      ['get', '/associate'],
      ['get', '/disassociate'],
      ['get', '/disassociate_all'],
    ],
  },
  {
    path: '/group_types',
    key: 'group_types',
    what: 'group types',
    since: SINCE.groupTypes,
    notFound: (id) => `Group type ${id} could not be found.`,
    calls: [...CHANGE, ['get', '/group_specs'], ['post', '/group_specs']],
  },
  {
    path: '/groups',
    key: 'groups',
    what: 'groups',
    since: SINCE.groupId,
    hasDetail: true,
    notFound: (id) => `Group ${id} could not be found.`,
    calls: [
      ['put', ''],
      ['post', '/action'],
    ],
  },
  {
    path: '/group_snapshots',
    key: 'group_snapshots',
    what: 'snapshots of groups',
    since: SINCE.groupSnapshots,
    hasDetail: true,
    notFound: (id) => `GroupSnapshot ${id} could not be found.`,
    calls: [
      ['delete', ''],
      ['post', '/action'],
    ],
  },
  {
    path: '/consistencygroups',
    key: 'consistencygroups',
    what: 'consistency groups',
    hasDetail: true,
    notFound: (id) => `ConsistencyGroup ${id} could not be found.`,
    calls: [
      ['put', '/update'],
      ['post', '/delete'],
    ],
  },
  {
    path: '/cgsnapshots',
    key: 'cgsnapshots',
    what: 'snapshots of consistency groups',
    hasDetail: true,
    notFound: (id) => `CgSnapshot ${id} could not be found.`,
    calls: [['delete', '']],
  },
  {
    path: '/clusters',
    key: 'clusters',
    what: 'clusters',
    since: SINCE.clusters,
    hasDetail: true,
    adminRule: 'clusters:get_all',
    notFound: (id) => `Cluster ${id} could not be found.`,
  },
  {
    path: '/manageable_volumes',
    key: 'manageable-volumes',
    what: 'volumes that others made',
    since: SINCE.manageable,
    hasDetail: true,
    adminRule: 'volume_extension:list_manageable',
  },
  {
    path: '/manageable_snapshots',
    key: 'manageable-snapshots',
    what: 'snapshots that others made',
    since: SINCE.manageable,
    hasDetail: true,
    adminRule: 'snapshot_extension:list_manageable',
  },
];

/** H-89: lists of nothing, so that who looks sees that there is nothing; who wants to make one is told so (H-30). */
export function absentResourceRoutes(): Route[] {
  return RESOURCES.flatMap(routesOf);
}

function routesOf(resource: AbsentResource): Route[] {
  const { path, key, what, adminRule, notFound, calls = [] } = resource;
  const since = resource.since === undefined ? {} : { since: resource.since };
  const list: Route['handle'] = async (call): Promise<Reply> => {
    if (adminRule !== undefined) requireAdmin(call.caller, adminRule);
    const { marker } = readPaging(call, ANY_SORT_KEY);
    if (marker !== null && notFound) throw new Problem(404, notFound(marker));
    return { status: 200, body: { [key]: [] } };
  };
  const listed = listing(one(key, z.array(ANYTHING).max(0)));
  const refuse = (): Promise<never> =>
    Promise.reject(badRequest(`Invalid input received: This service knows no ${what}.`));
  const absent: Route['handle'] = ({ id }) => Promise.reject(new Problem(404, notFound?.(id) ?? ''));
  return [
    { method: 'get', path, ...since, contract: listed, handle: list },
    ...(resource.hasDetail
      ? [{ method: 'get' as const, path: `${path}/detail`, ...since, contract: listed, handle: list }]
      : []),
    { method: 'post', path, ...since, contract: REFUSED, handle: refuse },
    ...(notFound
      ? [['get', ''] as const, ...calls].map(([method, rest]) => ({
          ...{ method, path: `${path}/:id${rest}`, ...since, contract: REFUSED, handle: absent },
        }))
      : []),
  ];
}

const REFUSED: Contract = { body: ANYTHING, gives: {} };

/** What each of them can be sorted by in Cinder beyond what volumes can. */
const ANY_SORT_KEY = { host: 'id', source_group_id: 'id', project_id: 'id' } as const;
