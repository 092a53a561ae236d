/** What the API needs to know besides its parts: values of the configuration. */
export interface ApiSettings {
  /** How callers are told apart. */
  readonly auth: { readonly type: 'noauth' } | KeystoneSettings;
  /** How long a request may take to be accepted before its caller is answered 503. */
  readonly acceptTimeoutMs: number;
  /** How long a caller waits for an explanation before he is answered 503. */
  readonly explainTimeoutMs: number;
  /** Base of the links in answers where clients reach the API under another address; null takes it from the request. */
  readonly publicUrl: string | null;
  /** The volume type that `GET /types/default` shows. */
  readonly defaultVolumeType: string;
  /** Whether deleting a backup removes its objects too. */
  readonly deleteBackupObjects: boolean;
  /** The zone of imported backups, and one that is always listed. */
  readonly availabilityZone: string;
  /** Where Temporal shows the workflows; null if nobody knows. */
  readonly temporalUi: { readonly url: string; readonly namespace: string } | null;
  /** Whoever has not reported for so long is down. */
  readonly reportMaxAgeMs: number;
}

export interface KeystoneSettings {
  readonly type: 'keystone';
  /** Keystone as this service reaches it, with the `/v3` and no slash after it. */
  readonly url: string;
  /** Keystone as clients reach it: told to those who bring no valid token. */
  readonly publicUrl: string;
  /** The service's own user, who may validate tokens. */
  readonly username: string;
  readonly password: string;
  /** Names. */
  readonly userDomain: string;
  readonly project: string;
  readonly projectDomain: string;
  /** For one answer of Keystone's. */
  readonly timeoutMs: number;
  /** How long a valid token is believed without asking again; 0: it is asked each time. */
  readonly cacheSeconds: number;
  /** How many tokens are remembered at the most. */
  readonly cachedTokens: number;
  /** Who has one of these roles is a service, whose token lets a user's have expired. */
  readonly serviceRoles: readonly string[];
}

/** Cinder's `osapi_max_limit`: rows of a page at the most (H-51). */
export const MAX_PAGE_ROWS = 1000;

/** Cinder's `osapi_max_request_body_size`. */
export const MAX_BODY_BYTES = 114_688;
