import { z } from 'zod';

/** What Keystone says of a token. */
export interface Token {
  readonly userId: string;
  /** null if the token is for no project: unscoped, or for a domain or the system. */
  readonly projectId: string | null;
  /** Names, in lower case; those that a role implies are among them. */
  readonly roles: readonly string[];
  readonly expiresAt: Date;
}

const id = z.string().min(1).max(255);

const ANSWER = z.object({
  token: z.object({
    expires_at: z.coerce.date(),
    user: z.object({ id }),
    project: z.object({ id }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
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
  };
}
