import { createHash } from 'node:crypto';
import type { KeystoneSettings } from '../settings';
import type { Token } from './token';
import type { TokenValidator, Validation } from './validator';

type Bounds = Pick<KeystoneSettings, 'cacheSeconds' | 'cachedTokens'>;

interface Known {
  readonly token: Token;
  readonly until: number;
}

/**
 * Asks once for tokens that come again and again: remembers valid ones for `cacheSeconds`, and never past their expiry, in which time
 * it doesn't hear of a revocation. It remembers at most `cachedTokens`, the latest, and of each but a hash and whose it is. Who asks
 * for a token that is being asked for waits for the same answer.
 */
export function rememberingTokens(validator: TokenValidator, bounds: Bounds): TokenValidator {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<Token | null>>();
  const recall = (key: string): Token | null => {
    const found = known.get(key);
    if (!found) return null;
    if (found.until > Date.now()) return found.token;
    known.delete(key);
    return null;
  };
  const remember = (key: string, token: Token): void => {
    const now = Date.now();
    const until = Math.min(token.expiresAt.getTime(), now + bounds.cacheSeconds * 1_000);
    if (until <= now) return;
    known.delete(key);
    known.set(key, { token, until });
    const oldest = known.size > bounds.cachedTokens ? known.keys().next() : null;
    if (oldest?.done === false) known.delete(oldest.value);
  };
  const ask = async (text: string, key: string, validation: Validation): Promise<Token | null> => {
    const token = await validator.validate(text, validation);
    if (token) remember(key, token);
    return token;
  };
  return {
    validate: async (text, validation) => {
      const key = createHash('sha256').update(text).digest('base64');
      const recalled = recall(key);
      if (recalled) return recalled;
      const question = `${key} ${validation.evenExpired}`;
      const asking = asked.get(question) ?? ask(text, key, validation).finally(() => asked.delete(question));
      asked.set(question, asking);
      return asking;
    },
  };
}
