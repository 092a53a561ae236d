import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT } from '../support/house';
import type { Dice } from '../fuzz/dice';
import type { Actor } from './cast';

/** Longer than the API itself takes to give up. */
const ANSWER_MS = 15_000;
const PAUSE_MS = 200;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What was asked in all, and how often the answer was lost or was "not now". */
export interface Tally {
  requests: number;
  lostAnswers: number;
  notNow: number;
}

export interface Asking {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
}

/** A user's client, which asks one of the APIs, and another one if it has to ask again. */
export class Requests {
  readonly tally: Tally = { requests: 0, lostAnswers: 0, notNow: 0 };
  /** Those that change something and have no answer yet; each resolves when it has. */
  readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly apis: readonly Actor[]) {}

  /** One try. Null: the answer was lost, or was 503, so that nobody knows. */
  async once(dice: Dice, { method, path, body, idempotencyKey }: Asking): Promise<Answer | null> {
    this.tally.requests += 1;
    try {
      const response = await fetch(`${dice.pick(this.apis).url}/v3/${PROJECT}${path}`, {
        method,
        headers: {
          'Content-Type': 'application/json',
          'X-Auth-Token': `tester:${PROJECT}`,
          'OpenStack-API-Version': 'volume 3.71',
          ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
        },
        signal: AbortSignal.timeout(ANSWER_MS),
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.status === 503) {
        this.tally.notNow += 1;
        return null;
      }
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    } catch {
      this.tally.lostAnswers += 1;
      return null;
    }
  }

  /** Asks until there is an answer. For what may be asked twice. */
  async untilAnswered(dice: Dice, asking: Asking): Promise<Answer> {
    let resolve = (): void => undefined;
    const promise = new Promise<void>((done) => (resolve = done));
    const name = `${asking.method} ${asking.path} ${asking.idempotencyKey ?? Math.random()}`;
    if (asking.method !== 'GET') this.underWay.set(name, promise);
    try {
      for (;;) {
        const answer = await this.once(dice, asking);
        if (answer) return answer;
        await sleep(PAUSE_MS);
      }
    } finally {
      this.underWay.delete(name);
      resolve();
    }
  }
}
