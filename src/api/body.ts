import type { Request } from 'express';
import type { z } from 'zod';
import { badRequest, Problem } from './problems';
import { explainIssue } from './schema-words';

/**
 * The JSON in a body that `express.raw` has read (H-6).
 * @throws Problem 400, also for no body at all, where Cinder fails with a 500; 415
 */
export function readJson(req: Request): unknown {
  const bytes: unknown = req.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw malformed();
  const contentType = req.headers['content-type'];
  if (contentType === undefined) throw malformed();
  if (contentType.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw new Problem(415, 'Unsupported Content-Type');
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const json: unknown = JSON.parse(text);
    return json;
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(cause?: unknown): Problem {
  return new Problem(400, 'Malformed request body', { cause });
}

/**
 * The body as the schema reads it.
 * @throws Problem 400 with the first fault in jsonschema's words (H-33)
 */
export function validated<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw result.error;
  throw badRequest(explainIssue(issue, body));
}
