// eslint-disable-next-line no-restricted-exports
export default async function globalTeardown(): Promise<void> {
  await globalThis.suiteServers?.stop();
}
