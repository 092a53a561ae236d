import { LIST_PARAMETERS } from './list-parameters';
import { SINCE } from './microversions';
import { badRequest } from './problems';
import type { Problem } from './problems';
import type { Call } from './route';

/** What a filter comes to when no row can satisfy it. */
export const MATCHES_NOTHING = 'matches-nothing';

/** Makes a part of the catalog's filter from the text of a parameter; may refuse it by a Problem. */
type FilterReader<Filter> = (text: string) => Partial<Filter> | typeof MATCHES_NOTHING;

export type FilterReaders<Filter> = Readonly<Record<string, FilterReader<Filter>>>;

/**
 * The filters of a list (H-54); null if no row can satisfy them. What isn't a filter: an admin finds nothing by it, anybody
 * else is told so from 3.31 on, and before that it is overlooked.
 * @throws Problem 400
 */
export function readFilters<Filter>(call: Call, readers: FilterReaders<Filter>): Partial<Filter> | null {
  const { isAdmin } = call.caller;
  const given = [...call.query].filter(
    ([name]) => !LIST_PARAMETERS.includes(name) && !(isAdmin && name === 'project_id'),
  );
  const unknown = given.map(([name]) => name).filter((name) => !Object.hasOwn(readers, name));
  if (unknown.length > 0 && !isAdmin && call.version >= SINCE.strictFilters) throw invalidFilters(unknown);
  const parts = given.map(([name, text]) => {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader) return reader(text);
    return isAdmin ? MATCHES_NOTHING : {};
  });
  return combined(parts);
}

function combined<Filter>(parts: readonly (Partial<Filter> | typeof MATCHES_NOTHING)[]): Partial<Filter> | null {
  return parts.reduce<Partial<Filter> | null>(
    (filter, part) => (filter === null || part === MATCHES_NOTHING ? null : { ...filter, ...part }),
    {},
  );
}

function invalidFilters(names: readonly string[]): Problem {
  return badRequest(`Invalid filters ${names.join(',')} are found in query options.`);
}
