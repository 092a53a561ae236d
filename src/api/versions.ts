import express from 'express';
import type { Router } from 'express';
import { headerOf, send } from './exchange';
import type { ExchangeHandler } from './exchange';
import { baseUrlOf } from './links';
import { MAX_VERSION, MIN_VERSION, negotiateLeniently, VERSION_HEADER } from './microversions';
import type { ApiSettings } from './settings';

/**
 * Version discovery, for anybody (H-10, H-11): 300 at the root and 200 at `/v3`, since clients depend on both. Never 406,
 * whatever version a client announces: it asks in order to find out (H-13).
 */
export function versionRouter(settings: ApiSettings): Router {
  const answer = (status: number): ExchangeHandler => {
    return (req, res) => {
      res.setHeader('Vary', VERSION_HEADER);
      res.setHeader(VERSION_HEADER, `volume ${negotiateLeniently(headerOf(req, VERSION_HEADER))}`);
      send(res, { status, body: versions(baseUrlOf(req, settings)) });
    };
  };
  const router = express.Router({ caseSensitive: true });
  router.get('/', answer(300));
  router.get('/v3', answer(200));
  return router;
}

function versions(baseUrl: string): object {
  const v3 = {
    id: 'v3.0',
    status: 'CURRENT',
    version: `3.${MAX_VERSION}`,
    min_version: `3.${MIN_VERSION}`,
    updated: '2023-08-31T00:00:00Z',
    links: [
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
      { rel: 'self', href: `${baseUrl}/v3/` },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
  };
  return { versions: [v3] };
}
