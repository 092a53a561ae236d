import type { KeystoneSettings } from '../settings';
import { askKeystone, noHelp, tokenIn } from './ask';

/** The token by which this service itself asks Keystone. */
export interface OwnToken {
  /** @throws Problem 503 if Keystone gives none */
  current(): Promise<string>;
  /** Another one than this, which Keystone has refused. */
  insteadOf(refused: string): Promise<string>;
}

interface Issued {
  readonly token: string;
  readonly expiresAt: number;
}

/** A token is replaced so long before it expires that it is still valid when Keystone reads it. */
const MARGIN_MS = 30_000;

/** One login at a time, however many ask; what failed is tried again by whoever asks next. */
export function ownToken(settings: KeystoneSettings): OwnToken {
  let issued: Issued | null = null;
  let login: Promise<Issued> | null = null;
  const renew = async (): Promise<string> => {
    login ??= logIn(settings).finally(() => (login = null));
    issued = await login;
    return issued.token;
  };
  return {
    current: async () => (issued && issued.expiresAt - MARGIN_MS > Date.now() ? issued.token : renew()),
    insteadOf: async (refused) => (issued && issued.token !== refused ? issued.token : renew()),
  };
}

async function logIn(settings: KeystoneSettings): Promise<Issued> {
  const answer = await askKeystone(settings, '/auth/tokens?nocatalog=1', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: credentials(settings) }),
  });
  const token = answer.headers.get('X-Subject-Token');
  if (answer.status !== 201 || token === null) {
    throw noHelp(`it refuses to log in ${settings.username}, the user of this service, by ${answer.status}`);
  }
  return { token, expiresAt: tokenIn(answer).expiresAt.getTime() };
}

function credentials({ username, password, userDomain, project, projectDomain }: KeystoneSettings): object {
  return {
    identity: {
      methods: ['password'],
      password: { user: { name: username, password, domain: { name: userDomain } } },
    },
    scope: { project: { name: project, domain: { name: projectDomain } } },
  };
}
