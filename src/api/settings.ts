/** What the API needs to know besides its parts: values of the configuration. */
export interface ApiSettings {
  /** How callers are told apart. */
  readonly auth: 'noauth';
  /** How long a request may take to be accepted before its caller is answered 503. */
  readonly acceptTimeoutMs: number;
  /** Base of the links in answers where clients reach the API under another address; null takes it from the request. */
  readonly publicUrl: string | null;
  /** The volume type that `GET /types/default` shows. */
  readonly defaultVolumeType: string;
  /** The zone of imported backups, and one that is always listed. */
  readonly availabilityZone: string;
  /** Where Temporal shows the workflows; null if nobody knows. */
  readonly temporalUi: { readonly url: string; readonly namespace: string } | null;
  /** Whoever has not reported for so long is down. */
  readonly reportMaxAgeMs: number;
}

/** Cinder's `osapi_max_limit`: rows of a page at the most (H-51). */
export const MAX_PAGE_ROWS = 1000;

/** Cinder's `osapi_max_request_body_size`. */
export const MAX_BODY_BYTES = 114_688;
