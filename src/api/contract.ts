import { z } from 'zod';
import { LIST_PARAMETERS } from './list-parameters';

/** What a call takes and gives, in the newest microversion: the document that `GET /openapi.json` serves is made of these. */
export interface Contract {
  /** The parameters that are read. */
  readonly query?: readonly string[];
  /** The headers that are read, beyond those of every call. */
  readonly headers?: readonly ('If-Match' | 'Idempotency-Key')[];
  /** What validates the body; of routes that read one. */
  readonly body?: z.ZodType;
  /** Answers when all is well, by status; null has no body. */
  readonly gives: Readonly<Record<number, z.ZodType | null>>;
  /** Statuses of refusals, beyond those that every call may answer by. */
  readonly refuses?: readonly number[];
}

/** Of calls that refuse whatever they are sent, or leave it unread. */
export const ANYTHING = z.unknown();

/** One thing under its key; what stands beside it there is for clients that know it. */
export function one(key: string, view: z.ZodType = z.looseObject({})): z.ZodType {
  return z.looseObject({ [key]: view });
}

const LINKS = z.array(z.looseObject({ rel: z.string(), href: z.string() }));

/** What every resource has that can be asked for by its id. */
export const LINKED = { id: z.string(), links: LINKS };

/** A page of them (H-51, H-53). */
export function many(key: string, view: z.ZodType = z.looseObject({}), linksKey = `${key}_links`): z.ZodType {
  return z.strictObject({ [key]: z.array(view), [linksKey]: LINKS.optional(), count: z.int().min(0).optional() });
}

/** The contract of a list that is read in pages. */
export function listing(gives: z.ZodType, filters: readonly string[] = []): Contract {
  return { query: [...LIST_PARAMETERS, ...filters], gives: { 200: gives } };
}
