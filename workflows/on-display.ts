import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { BACKEND, NEEDS_OPERATOR, RESTORE_MODE, RESTORE_STATE } from './search-attributes';

/** What an operator reads: the state to filter by, and a sentence or two about it. One event per phase. */
export type State =
  | 'accepting'
  | 'scheduling'
  | 'creating'
  | 'copying'
  | 'extending'
  | 'completing'
  | 'available'
  | 'compensating'
  | 'error'
  | 'refused'
  | 'explaining'
  | 'explained';

interface Shown {
  readonly details: string;
  readonly poolName?: string;
  readonly mode?: 'native' | 'copy';
  readonly needsOperator?: boolean;
}

export function show(state: State, { details, poolName, mode, needsOperator }: Shown): void {
  setCurrentDetails(`**${state}**: ${details}`);
  upsertSearchAttributes([
    { key: RESTORE_STATE, value: state },
    ...(poolName === undefined ? [] : [{ key: BACKEND, value: poolName }]),
    ...(mode === undefined ? [] : [{ key: RESTORE_MODE, value: mode }]),
    ...(needsOperator === undefined ? [] : [{ key: NEEDS_OPERATOR, value: needsOperator }]),
  ]);
}
