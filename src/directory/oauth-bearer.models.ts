/** The messages of OAUTHBEARER (RFC 7628 §3), the same for IMAP and SMTP. Pure. */

export interface BearerMessage {
  /** Who the client says it is; the token decides. */
  authzid: string | undefined;
  token: string;
}

const SEPARATOR = '\u0001';

/**
 * client-resp = gs2-header kvsep *kvpair kvsep (RFC 7628 §3.1), in base64. Undefined: it is none.
 * The gs2-header is "n," or "y,", then [ "a=" saslname ], then "," (RFC 5801 §4); channel binding is not offered.
 */
export function parseBearerMessage(base64: string): BearerMessage | undefined {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const [header = '', ...pairs] = text.split(SEPARATOR);
  const gs2 = /^[ny],(?:a=((?:[^,=\0]|=2C|=3D)+))?,$/.exec(header);
  // Ends with a separator, after that of the last pair.
  if (!gs2 || pairs.pop() !== '' || pairs.pop() !== '') return undefined;
  const auth = pairs.filter((pair) => pair.startsWith('auth='));
  const token = /^auth=bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(auth[0] ?? '')?.[1];
  if (auth.length !== 1 || token === undefined) return undefined;
  return { authzid: gs2[1]?.replaceAll('=2C', ',').replaceAll('=3D', '='), token };
}

export interface BearerHints {
  /** What the token must allow; empty: nothing in particular. */
  scope: string;
  /** Where the client learns how to get a token (OpenID discovery); empty: not told. */
  openidConfiguration: string;
}

/** RFC 7628 §3.2.2: what a refused client is told, in base64, before the exchange fails. */
export function bearerChallenge(
  status: 'invalid_token' | 'invalid_request' | 'insufficient_scope',
  { scope, openidConfiguration }: BearerHints,
): string {
  const told = {
    status,
    ...(scope === '' ? {} : { scope }),
    ...(openidConfiguration === '' ? {} : { 'openid-configuration': openidConfiguration }),
  };
  return Buffer.from(JSON.stringify(told)).toString('base64');
}
