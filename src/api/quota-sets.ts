import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import { UNLIMITED } from '../domain/quota';
import type { QuotaLimits } from '../domain/quota';
import { requireAdmin } from './caller';
import { one } from './contract';
import type { Reply } from './exchange';
import { quotaBody, readQuota } from './new-quota';
import { badRequest } from './problems';
import { booleanParameter } from './query';
import type { Call, Route } from './route';
import { characters } from './schema-words';
import { isStorable } from './storable';
import { limitsView, namedQuotas, usageView } from './views/quota-view';
import type { NamedQuota } from './views/quota-view';

interface QuotaParts {
  readonly catalog: CatalogReader & CatalogEdits;
}

/** H-85: what projects may have, and what they have. The `:id` is a project's, or a class's. */
export function quotaRoutes({ catalog }: QuotaParts): Route[] {
  const ofProject = '/os-quota-sets/:id';
  const ofClass = '/os-quota-class-sets/:id';
  return [
    {
      method: 'get',
      path: ofProject,
      contract: { query: ['usage'], gives: { 200: one('quota_set') } },
      handle: (call) => show(call, catalog),
    },
    {
      method: 'put',
      path: ofProject,
      contract: { body: quotaBody('quota_set'), gives: { 200: one('quota_set') } },
      handle: (call) => update(call, catalog),
    },
    { method: 'delete', path: ofProject, contract: { gives: { 200: null } }, handle: (call) => reset(call, catalog) },
    {
      method: 'get',
      path: `${ofProject}/defaults`,
      contract: { gives: { 200: one('quota_set') } },
      handle: (call) => showDefaults(call, catalog),
    },
    {
      method: 'get',
      path: ofClass,
      contract: { gives: { 200: one('quota_class_set') } },
      handle: (call) => showClass(call, catalog),
    },
    {
      method: 'put',
      path: ofClass,
      contract: { body: quotaBody('quota_class_set'), gives: { 200: one('quota_class_set') } },
      handle: (call) => updateClass(call, catalog),
    },
  ];
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  requireSameProject(call);
  const withUsage = booleanParameter(call.query, 'usage');
  const quotas = await quotasOf(catalog, requireProjectId(call.id));
  return quotaSet({ ...(withUsage ? usageView(quotas) : limitsView(quotas)), id: call.id });
}

async function showDefaults(call: Call, catalog: CatalogReader): Promise<Reply> {
  requireSameProject(call);
  return quotaSet({ ...(await viewOf(catalog, await catalog.defaultQuota())), id: call.id });
}

/** Not below what is used already, for that couldn't be kept. */
async function update(call: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  requireAdmin(call.caller, 'volume_extension:quotas:update');
  const projectId = requireProjectId(call.id);
  const { limits, named } = readQuota(call.body, 'quota_set', await catalog.listVolumeTypes());
  const quotas = await quotasOf(catalog, projectId);
  for (const [name, limit] of named) requireRoom(name, limit, quotas);
  return quotaSet(await viewOf(catalog, await catalog.setQuota(projectId, limits)));
}

async function reset(call: Call, catalog: CatalogEdits): Promise<Reply> {
  requireAdmin(call.caller, 'volume_extension:quotas:delete');
  await catalog.resetQuota(requireProjectId(call.id));
  return { status: 200 };
}

/** Cinder lets an administrator make any number of classes, of which only this one ever counts. */
const DEFAULT_CLASS = 'default';

async function showClass({ id, caller }: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(caller, 'volume_extension:quota_classes:get');
  return classSet({ ...(await viewOf(catalog, await catalog.defaultQuota())), id });
}

async function updateClass({ id, caller, body }: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  requireAdmin(caller, 'volume_extension:quota_classes:update');
  const { limits } = readQuota(body, 'quota_class_set', await catalog.listVolumeTypes());
  if (id !== DEFAULT_CLASS) {
    throw badRequest(`Invalid input received: This service knows no quota class but '${DEFAULT_CLASS}'.`);
  }
  return classSet(await viewOf(catalog, await catalog.setDefaultQuota(limits)));
}

/** Cinder's policy: an administrator everything, others their own. */
function requireSameProject({ id, caller }: Call): void {
  if (id !== caller.projectId) requireAdmin(caller, 'volume_extension:quotas:show');
}

function requireProjectId(id: string): string {
  const count = characters(id);
  if (count > 255) throw badRequest(`Invalid input received: quota_set_name has ${count} characters, more than 255.`);
  if (!isStorable(id)) throw badRequest('Invalid input received: quota_set_name is the name of no project.');
  return id;
}

function requireRoom(name: string, limit: number, quotas: readonly NamedQuota[]): void {
  const used = quotas.find((quota) => quota.name === name)?.used ?? 0;
  if (limit === UNLIMITED || limit >= used) return;
  throw badRequest(
    `Quota ${name} limit must be equal or greater than existing resources. ` +
      `Current usage is ${used} and the requested limit is ${limit}.`,
  );
}

async function quotasOf(catalog: CatalogReader, projectId: string): Promise<readonly NamedQuota[]> {
  const [limits, usage, types] = await Promise.all([
    catalog.quotaLimits(projectId),
    catalog.quotaUsage(projectId),
    catalog.listVolumeTypes(),
  ]);
  return namedQuotas(limits, usage, types);
}

const NOTHING_USED = { volumes: 0, gigabytes: 0, backups: 0, backupGigabytes: 0, ofTypes: {} };

async function viewOf(catalog: CatalogReader, limits: QuotaLimits): Promise<object> {
  return limitsView(namedQuotas(limits, NOTHING_USED, await catalog.listVolumeTypes()));
}

function quotaSet(view: object): Reply {
  return { status: 200, body: { quota_set: view } };
}

function classSet(view: object): Reply {
  return { status: 200, body: { quota_class_set: view } };
}
