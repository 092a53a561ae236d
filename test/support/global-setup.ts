import type { SuiteServers } from './suite-servers';
import { startSuiteServers } from './suite-servers';

declare global {
  var suiteServers: SuiteServers | undefined;
}

// jest calls the default export, with its own environment still to be handed to the workers.
// eslint-disable-next-line no-restricted-exports
export default async function globalSetup(): Promise<void> {
  globalThis.suiteServers = await startSuiteServers();
}
