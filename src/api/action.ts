import type { Reply } from './exchange';
import { badRequest } from './problems';
import type { Call } from './route';

/** What `POST /{resource}/{id}/action` does by one of its names. */
export type Action<Parts> = (call: Call, parts: Parts) => Promise<Reply>;

export type Actions<Parts> = Readonly<Record<string, Action<Parts>>>;

/** H-6: one key, the action's name. @throws Problem 400 */
export function actionOf<Parts>(body: unknown, actions: Actions<Parts>): Action<Parts> {
  const [name, ...others] = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  if (name === undefined || others.length > 0) throw badRequest('Malformed request body');
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action) return action;
  throw badRequest(`There is no such action: ${name}. Verify the request body and Content-Type header and try again.`);
}
