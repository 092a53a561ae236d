import { z } from 'zod';
import { ANYTHING } from './contract';
import type { Contract } from './contract';
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

interface ActionContract extends Omit<Contract, 'body'> {
  /** What validates the body of an action; an action without one takes anything. */
  readonly bodies: Readonly<Record<string, z.ZodType>>;
}

/** Of a body that is one of the actions'. */
export function actionContract<Parts>(actions: Actions<Parts>, { bodies, ...rest }: ActionContract): Contract {
  const body = z.union(Object.keys(actions).map((name) => bodies[name] ?? z.object({ [name]: ANYTHING })));
  return { ...rest, body: body.meta({ minProperties: 1, maxProperties: 1 }) };
}
