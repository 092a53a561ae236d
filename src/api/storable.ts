/**
 * Whether a text can stand in the catalog: PostgreSQL takes no NUL, and no half of a surrogate pair in JSON. Nothing of
 * such a name or id exists.
 */
export function isStorable(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}
