import { badRequest } from './problems';
import { parseBoolean } from './python-words';

/** Cinder utils.get_bool_param; absent is false. @throws Problem 400 */
export function booleanParameter(query: ReadonlyMap<string, string>, name: string): boolean {
  const text = query.get(name);
  if (text === undefined) return false;
  const value = parseBoolean(text);
  if (value === null) throw badRequest(`Value '${text}' for '${name}' is not a boolean.`);
  return value;
}

/** Python's `int()`; null where it raises. */
export function integer(text: string): number | null {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : null;
}
