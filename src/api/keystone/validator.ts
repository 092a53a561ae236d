import type { KeystoneSettings } from '../settings';
import { askKeystone, noHelp, tokenIn } from './ask';
import type { KeystoneAnswer } from './ask';
import { ownToken } from './own-token';
import type { Token } from './token';

export interface Validation {
  /** Whether a token that has merely expired is valid, for as long as Keystone is configured to allow that. */
  readonly evenExpired: boolean;
}

/** Finds out whose a token is. */
export interface TokenValidator {
  /**
   * null for a token that isn't valid, or not any more. Idempotent.
   * @throws Problem 503 if Keystone can't be asked
   */
  validate(token: string, validation: Validation): Promise<Token | null>;
}

/**
 * Asks Keystone, as the service's own user. A token with access rules Keystone shows only to services that say they enforce
 * these: `authenticator.ts` does.
 */
export function tokenValidator(settings: KeystoneSettings): TokenValidator {
  const own = ownToken(settings);
  return {
    validate: async (token, validation) => {
      const ask = (ownToken: string): Promise<KeystoneAnswer> =>
        askKeystone(settings, `/auth/tokens?nocatalog=1${validation.evenExpired ? '&allow_expired=1' : ''}`, {
          headers: {
            'X-Auth-Token': ownToken,
            'X-Subject-Token': token,
            'OpenStack-Identity-Access-Rules': '1.0',
          },
        });
      const current = await own.current();
      const first = await ask(current);
      // Our own token may have been revoked.
      const answer = first.status === 401 ? await ask(await own.insteadOf(current)) : first;
      if (answer.status === 404) return null;
      if (answer.status !== 200) throw noHelp(`it answered the question for a token by ${answer.status}`);
      return tokenIn(answer);
    },
  };
}
