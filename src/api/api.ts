import express from 'express';
import type { NextFunction, Request } from 'express';
import type { Logger } from 'pino';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import { absentResourceRoutes } from './absent-resources';
import { attachmentRoutes } from './attachments';
import { authorization } from './authorization';
import { availabilityZoneRoutes } from './availability-zones';
import { backupEditRoutes } from './backup-edits';
import { backupRestoreRoutes } from './backup-restore';
import { backupRoutes } from './backups';
import { send } from './exchange';
import type { ExchangeHandler, ExchangeResponse } from './exchange';
import { defaultTypeRoutes } from './default-types';
import { encryptionRoutes } from './encryption';
import { extensionRoutes } from './extensions';
import { extraSpecRoutes } from './extra-specs';
import { hostRoutes } from './hosts';
import { keystoneAuthenticator } from './keystone/authenticator';
import { limitRoutes } from './limits';
import { messageRoutes } from './messages';
import { noauth } from './noauth';
import { serviceRoutes } from './os-services';
import { openApiDocument } from './openapi';
import { orphanRoutes } from './orphans';
import { poolRoutes } from './pools';
import { answerOf, problemOf } from './problems';
import { quotaRoutes } from './quota-sets';
import { progressRoutes } from './rekindle-progress';
import { identifyRequests } from './request-log';
import { resourceFilterRoutes } from './resource-filters';
import { routerOf } from './route';
import type { Route } from './route';
import { serviceSwitchRoutes } from './service-switch';
import type { ApiSettings } from './settings';
import { versionRouter } from './versions';
import { volumeActionRoutes } from './volume-actions';
import { explanationRoutes } from './volume-explanation';
import { volumeMetadataRoutes } from './volume-metadata';
import { volumeTypeAccessRoutes } from './volume-type-access';
import { volumeTypeEditRoutes } from './volume-type-edits';
import { volumeTypeRoutes } from './volume-types';
import type { VolumeWorkflows } from '../runs/volume-workflows';
import { volumeRoutes } from './volumes';

export interface ApiParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly workflows: VolumeWorkflows;
  readonly log: Logger;
  readonly settings: ApiSettings;
}

/** Finds out who asks: sets `res.locals.caller`, or answers itself. */
function authenticator(settings: ApiSettings): ExchangeHandler {
  return settings.auth.type === 'keystone' ? keystoneAuthenticator(settings.auth) : noauth(settings);
}

/** Below `/v3` the project may stand in the URL or not (H-2); Cinder's `project_id_regex`. */
const V3_WITH_PROJECT = /^\/v3\/(?<project>[0-9a-f-]+)(?=\/)/;

/** What there is below `/v3` and below `/v3/<project>`. */
export function apiRoutes({ catalog, workflows, settings }: Omit<ApiParts, 'log'>): readonly Route[] {
  return [
    ...volumeRoutes({ ...settings, catalog, workflows }),
    ...explanationRoutes({ ...settings, catalog, workflows }),
    ...volumeMetadataRoutes({ catalog }),
    ...volumeActionRoutes({ ...settings, catalog, workflows }),
    ...progressRoutes({ ...settings, catalog, workflows }),
    ...backupRoutes({ ...settings, catalog }),
    ...backupEditRoutes({ ...settings, catalog, workflows }),
    ...backupRestoreRoutes({ ...settings, catalog, workflows }),
    ...messageRoutes({ catalog }),
    ...volumeTypeRoutes({ ...settings, catalog }),
    ...volumeTypeEditRoutes({ ...settings, catalog }),
    ...volumeTypeAccessRoutes({ catalog }),
    ...extraSpecRoutes({ catalog }),
    ...defaultTypeRoutes({ catalog }),
    ...availabilityZoneRoutes({ ...settings, catalog }),
    ...quotaRoutes({ catalog }),
    ...limitRoutes({ catalog }),
    ...serviceRoutes({ ...settings, catalog }),
    ...serviceSwitchRoutes({ catalog }),
    ...hostRoutes({ ...settings, catalog }),
    ...poolRoutes({ ...settings, catalog }),
    ...orphanRoutes({ catalog }),
    ...encryptionRoutes({ catalog }),
    ...extensionRoutes(),
    ...resourceFilterRoutes(),
    ...absentResourceRoutes(),
    ...attachmentRoutes({ catalog }),
  ];
}

/** Cinder's Block Storage API v3, as far as it goes. */
export function createApi({ log, ...parts }: ApiParts): express.Application {
  const { settings, catalog } = parts;
  const routes = apiRoutes(parts);
  const resources = routerOf(routes, { settings, authorize: authorization(catalog) });
  const api = express();
  api.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  api.use(identifyRequests(log));
  api.get('/healthcheck', healthcheck);
  api.use(versionRouter(settings));
  api.get('/openapi.json', documentOf(routes, settings));
  api.use('/v3', authenticator(settings));
  api.use(V3_WITH_PROJECT, resources);
  api.use('/v3', resources);
  api.use(noSuchRoute);
  api.use(explainFailure);
  return api;
}

/** Ours, not Cinder's; for anybody, as the versions are. */
function documentOf(routes: readonly Route[], { auth }: ApiSettings): ExchangeHandler {
  const body = openApiDocument(routes, auth.type);
  return (_req, res) => {
    send(res, { status: 200, body });
  };
}

/** H-1. */
const healthcheck: ExchangeHandler = (_req, res) => {
  send(res, { status: 200, body: { detailed: false, reasons: ['OK'] } });
};

/** H-4: webob's answer, not Cinder's envelope. */
const noSuchRoute: ExchangeHandler = (req, res) => {
  if (req.accepts(['text/plain', 'application/json']) === 'application/json') {
    const message = 'The resource could not be found.<br /><br />\n\n\n';
    send(res, { status: 404, body: { message, code: '404 Not Found', title: 'Not Found' } });
    return;
  }
  res.status(404).type('text/plain').send('404 Not Found\n\nThe resource could not be found.\n\n   ');
};

/** Express tells a handler of errors by its four parameters. */
function explainFailure(error: unknown, _req: Request, res: ExchangeResponse, next: NextFunction): void {
  const problem = problemOf(error);
  if (problem.status >= 500) res.locals.log.error({ err: problem.cause ?? problem }, problem.message);
  if (res.headersSent) {
    next(error);
    return;
  }
  const { headers, body } = answerOf(problem);
  send(res, { status: problem.status, headers, body });
}
