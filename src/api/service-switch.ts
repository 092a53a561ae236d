import { z } from 'zod';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import { validated } from './body';
import { requireAdmin } from './caller';
import type { Reply } from './exchange';
import { SINCE } from './microversions';
import { badRequest, Problem, WEBOB_NOT_FOUND } from './problems';
import type { Call, Route } from './route';
import { openObject, optionalText, requiredText } from './schema-words';

interface SwitchParts {
  readonly catalog: CatalogReader & CatalogEdits;
}

/** `cinder service-disable`, `service-enable` (Cinder api/v3/services.py): whether a backend takes new volumes. */
export function serviceSwitchRoutes(parts: SwitchParts): Route[] {
  return [
    {
      method: 'put',
      path: '/os-services/:id',
      contract: { body: CHANGE, gives: { 200: SWITCHED } },
      handle: (call) => change(call, parts),
    },
  ];
}

/** By what Cinder calls it in the URL: what turns the switch, what is for replicated backends, and what is for logs. */
const SWITCHES = ['enable', 'disable', 'disable-log-reason'];
const OF_REPLICATION = ['freeze', 'thaw', 'failover_host'];
const OF_LOGS = ['set-log', 'get-log'];

/** The binary names the service; `service` is its older name. */
const CHANGE = openObject({
  host: optionalText(),
  binary: optionalText({ min: 1 }),
  service: optionalText({ min: 1 }),
  disabled_reason: optionalText({ min: 1 }),
});
const WITH_REASON = openObject({ disabled_reason: requiredText({ min: 1, max: 255 }) });

const SWITCHED = z.strictObject({
  host: z.string(),
  service: z.string(),
  binary: z.string(),
  status: z.enum(['enabled', 'disabled']),
  disabled: z.boolean(),
  disabled_reason: z.string().optional(),
});

async function change(call: Call, { catalog }: SwitchParts): Promise<Reply> {
  const { id, caller, version } = call;
  const knowsLogs = version >= SINCE.logLevels && OF_LOGS.includes(id);
  if (![...SWITCHES, ...OF_REPLICATION].includes(id) && !knowsLogs) throw new Problem(404, WEBOB_NOT_FOUND);
  const { host, binary, service } = validated(CHANGE, call.body);
  const reason = id === 'disable-log-reason' ? readReason(call.body) : null;
  requireAdmin(caller, 'volume_extension:services:update');
  if (!SWITCHES.includes(id)) throw badRequest('Invalid input received: This service knows no such switch.');
  if (!binary && !service) throw badRequest('{} is not valid under any of the given schemas');
  const isDisabled = id !== 'enable';
  await turn({ binary: binary ?? service ?? '', host: host ?? '', isDisabled, reason }, catalog);
  const status = isDisabled ? 'disabled' : 'enabled';
  const named = { host: host ?? '', service: service ?? '', binary: binary ?? '' };
  const why = reason === null ? {} : { disabled_reason: reason };
  return { status: 200, body: { ...named, status, disabled: isDisabled, ...why } };
}

/** @throws Problem 400 for one that is missing, blank or too long */
function readReason(body: unknown): string {
  const reason = validated(WITH_REASON, body).disabled_reason.trim();
  if (reason !== '') return reason;
  throw badRequest('Invalid input received: disabled_reason has 0 characters, minimum of 1 required.');
}

interface Turn {
  readonly binary: string;
  readonly host: string;
  readonly isDisabled: boolean;
  readonly reason: string | null;
}

/** Nobody chooses among schedulers or backup services here: such a switch would do nothing, and isn't there. */
async function turn({ binary, ...backend }: Turn, catalog: CatalogReader & CatalogEdits): Promise<void> {
  if (binary === 'cinder-volume' && (await catalog.switchBackend(backend))) return;
  const services = await catalog.listServices();
  if (services.some((service) => service.binary === binary && service.host === backend.host)) {
    throw badRequest('Invalid input received: Only backends (cinder-volume) are enabled and disabled here.');
  }
  throw new Problem(404, `Service ${binary} could not be found on host ${backend.host}.`);
}
