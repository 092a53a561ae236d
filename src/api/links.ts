import type { Request } from 'express';
import type { ApiSettings } from './settings';

/** Where a caller reached us, for the links in the answer (H-12, H-40). */
export interface Place {
  /** Scheme, host and whatever path stands before `/v3`; no slash at the end. */
  readonly baseUrl: string;
  /** The project, if it stood in the URL: links have it only then. */
  readonly projectInUrl: string | null;
}

export interface Link {
  readonly rel: string;
  readonly href: string;
}

export function baseUrlOf(req: Request, { publicUrl }: ApiSettings): string {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  const { localAddress = '127.0.0.1', localPort = 0 } = req.socket;
  return `http://${req.headers.host ?? `${localAddress}:${localPort}`}`;
}

/** H-40. */
export function linksTo(place: Place, collection: string, id: string): Link[] {
  const path = `${projectPath(place)}/${collection}/${encodeURIComponent(id)}`;
  return [
    { rel: 'self', href: `${place.baseUrl}/v3${path}` },
    { rel: 'bookmark', href: `${place.baseUrl}${path}` },
  ];
}

/** H-51: the query as it was, with the marker put in. */
export function nextLink(place: Place, collection: string, query: ReadonlyMap<string, string>): Link {
  const search = new URLSearchParams([...query]).toString();
  return { rel: 'next', href: `${place.baseUrl}/v3${projectPath(place)}/${collection}?${search}` };
}

function projectPath({ projectInUrl }: Place): string {
  return projectInUrl === null ? '' : `/${projectInUrl}`;
}
