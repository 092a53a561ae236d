import type { KeystoneSettings } from '../../../src/api/settings';
import type { Keystone } from '../../support/keystone';

/** Of an API that asks this Keystone. */
export function keystoneSettings({ url, password }: Keystone): KeystoneSettings {
  return {
    type: 'keystone',
    url,
    publicUrl: 'https://keystone.example/v3',
    username: 'cinder',
    password,
    userDomain: 'Default',
    project: 'service',
    projectDomain: 'Default',
    timeoutMs: 30_000,
    cacheSeconds: 60,
    cachedTokens: 1_000,
    serviceRoles: ['service'],
  };
}
