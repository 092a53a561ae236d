/** What a token of an application credential may be used for, where its owner has limited that. */
export interface AccessRule {
  readonly service: string;
  readonly method: string;
  /** A path with `*` or `{name}` for one part of it, and `**` for any number. */
  readonly path: string;
}

/** As whose rules apply here: what Cinder is called in catalogs (H-26). */
const SERVICE_TYPES = ['block-storage', 'volumev3'];

export interface AskedOf {
  readonly method: string;
  /** Whole, without the query. */
  readonly path: string;
}

/** Nothing here has a longer one. */
const MAX_PATH_CHARACTERS = 1_024;

/** Whether one of the rules allows the request (keystonemiddleware auth_token, validate_allowed_request). */
export function allows(rules: readonly AccessRule[], { method, path }: AskedOf): boolean {
  if (path.length > MAX_PATH_CHARACTERS) return false;
  return rules.some(
    (rule) => SERVICE_TYPES.includes(rule.service) && rule.method === method && matches(path, rule.path),
  );
}

const PATTERN_PARTS = /\{[^}]*\}|\*\*|\*|[^{}*]/g;

/**
 * Keeps all places of the pattern that the path may have led to: a regular expression made of what a user wrote could take for
 * ever.
 */
function matches(path: string, pattern: string): boolean {
  const parts = pattern.match(PATTERN_PARTS) ?? [];
  let reached = skipped(new Set([0]), parts);
  for (const character of path) {
    const next = new Set<number>();
    for (const at of reached) {
      const part = parts[at];
      if (part === '**') next.add(at);
      else if (isOnePart(part) && character !== '/') next.add(at).add(at + 1);
      else if (part === character) next.add(at + 1);
    }
    reached = skipped(next, parts);
  }
  return reached.has(parts.length);
}

/** `**` may stand for nothing. */
function skipped(reached: Set<number>, parts: readonly string[]): Set<number> {
  // A set that grows is walked to its end.
  for (const at of reached) if (parts[at] === '**') reached.add(at + 1);
  return reached;
}

function isOnePart(part: string | undefined): boolean {
  return part === '*' || (part?.startsWith('{') ?? false);
}
