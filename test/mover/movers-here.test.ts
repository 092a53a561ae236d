import { moversInThisProcess } from '../support/movers';
import { describeMovers } from './movers-contract';

describeMovers('in the process of their caller', (settings) => ({
  movers: moversInThisProcess(settings, (driver) => driver),
  stop: async () => undefined,
}));
