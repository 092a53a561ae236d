import type { CatalogReader } from '../catalog/catalog';
import { Refusal } from '../domain/errors';
import { notAccepted } from './not-accepted';
import { deadlineIn, silenceOf } from './volume-creation';

export interface AcceptanceParts {
  readonly catalog: CatalogReader;
  readonly acceptTimeoutMs: number;
}

export interface Question {
  /** For the caller: "The restore was not accepted in time …". */
  readonly what: 'restore' | 'extension';
  readonly ask: (expiresAt: string) => Promise<void>;
  /** Whether the catalog shows that this very request was accepted. */
  readonly isOurs: () => Promise<boolean>;
  /** What somebody is told who comes second. */
  readonly underWay: () => Refusal;
}

/**
 * Asks for work on a volume that is there, and returns once it is accepted. Whether it may be is the workflow's to judge.
 * @throws Refusal; Problem 503 when it is certain that the request wasn't accepted and never will be
 */
export async function acceptedInTime(question: Question, { catalog, acceptTimeoutMs }: AcceptanceParts): Promise<void> {
  const { what, ask, isOurs, underWay } = question;
  const { expiresAt, settled } = await deadlineIn(acceptTimeoutMs, catalog);
  try {
    const silence = await silenceOf(ask(expiresAt));
    if (!silence || (await isOurs())) return;
    await settled();
    if (!(await isOurs())) throw notAccepted(what, silence);
  } catch (error) {
    // A run goes on: somebody else's, or our own, whose answer was lost.
    if (!(error instanceof Refusal) || error.code !== 'Conflict') throw error;
    if (!(await isOurs())) throw underWay();
  }
}
