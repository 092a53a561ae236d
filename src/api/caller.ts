import type { Visibility } from '../catalog/catalog';
import { Problem } from './problems';

/** Who asks. An authenticator finds out; nobody else looks at tokens. */
export interface Caller {
  readonly projectId: string;
  readonly userId: string;
  /** May do everything, to the resources of all projects. */
  readonly isAdmin: boolean;
  /** May change what is his project's. */
  readonly isMember: boolean;
  /** May look at what is his project's. */
  readonly isReader: boolean;
}

/** What a caller may name by its id: an admin everything, others what is their project's (H-28). */
export function visibleTo(caller: Caller): Visibility {
  return caller.isAdmin ? 'all-projects' : { projectId: caller.projectId };
}

/** @throws Problem 403 */
export function requireAdmin(caller: Caller, rule: string): void {
  if (!caller.isAdmin) throw forbidden(rule);
}

/** In Cinder's words (H-28). */
export function forbidden(rule: string): Problem {
  return new Problem(403, `Policy doesn't allow ${rule} to be performed.`);
}
