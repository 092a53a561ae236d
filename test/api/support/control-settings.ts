import { DEFAULTS } from '../../catalog/arrange';
import type { ControlHouse } from '../../../activities/house';

/** Of control workers that never wait for anybody. */
export const CONTROL_SETTINGS: ControlHouse['settings'] = {
  defaults: DEFAULTS,
  giveUpAfterMs: 60_000,
  heartbeatTimeoutMs: 3_000,
  retryAfterMs: 1_000,
  callTimeoutMs: 60_000,
  retryGraceMs: 60_000,
  reportMaxAgeMs: 60_000,
};
