/** A request to an HTTP service outside of Wip. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** http or https, without user and password. Redirects are not followed. */
  readonly url: string;
  /**
   * `idempotency-key` is set to the effect's key unless it is given. Values are Latin-1 text; the headers of the connection
   * (content-length, transfer-encoding and the like) are not the task's to set.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, sent unchanged; give its content type in the headers. */
  readonly body?: string;
  /**
   * `safe` (default): sent until it is answered, so the receiver must recognise repetitions by the idempotency key, or
   * tolerate them. `never`: not sent again once it may have arrived; its delivery is then `unknown`.
   */
  readonly repeat?: 'safe' | 'never';
  /** How long delivery is tried, in seconds, a year at most. Default: a day. */
  readonly giveUpAfterSeconds?: number;
  /**
   * Requests of one task with the same word here are sent one after the other, in the order in which they were given: each
   * when the one before it is settled.
   */
  readonly order?: string;
  /** Signs each try anew, because a signature holds for minutes only. */
  readonly sign?: RequestSignature | undefined;
  /** `any`: whoever answers at an https address is believed. Default: the certificate is verified. */
  readonly certificate?: 'verified' | 'any' | undefined;
}

/**
 * HTTP HMAC 2.0 (https://github.com/acquia/http-hmac-spec). A try that is answered 401 is made again, because clocks and
 * keys get right again. An answer with a wrong signature is none.
 */
export interface RequestSignature {
  readonly scheme: 'acquia-http-hmac';
  readonly realm: string;
  /** Name of the key at the receiver. */
  readonly id: string;
  /** Base64 of the key. */
  readonly secret: string;
  /** Further headers of the request that the signature covers. */
  readonly signedHeaders?: readonly string[] | undefined;
}

/** The state of an outgoing request. `body`: the first 64 KiB of the answer. */
export type Delivery =
  | { readonly kind: 'under-way'; readonly tries: number; readonly lastError: string | null }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'refused'; readonly status: number | null; readonly body: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };
