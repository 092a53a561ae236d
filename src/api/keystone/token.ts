import { z } from 'zod';
import type { AccessRule } from './access-rules';

/** What Keystone says of a token. */
export interface Token {
  readonly userId: string;
  /** null if the token is for no project: unscoped, or for a domain or the system. */
  readonly projectId: string | null;
  /** Names, in lower case; those that a role implies are among them. */
  readonly roles: readonly string[];
  readonly expiresAt: Date;
  /** What it may be used for; null: for all that its user may do. */
  readonly accessRules: readonly AccessRule[] | null;
}

const id = z.string().min(1).max(255);

const RULE = z.object({ service: z.string(), method: z.string(), path: z.string() });

const ANSWER = z.object({
  token: z.object({
    expires_at: z.coerce.date(),
    user: z.object({ id }),
    project: z.object({ id }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
    application_credential: z.object({ access_rules: z.array(RULE).nullish() }).optional(),
  }),
});

/** Reads the body of an answer to `/v3/auth/tokens`. @throws ZodError */
export function readToken(answer: unknown): Token {
  const { token } = ANSWER.parse(answer);
  return {
    userId: token.user.id,
    projectId: token.project?.id ?? null,
    // oslo.policy compares them so.
    roles: token.roles.map(({ name }) => name.toLowerCase()),
    expiresAt: token.expires_at,
    accessRules: token.application_credential?.access_rules ?? null,
  };
}
