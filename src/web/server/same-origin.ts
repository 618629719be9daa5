/**
 * A page of another site must not act with our cookie. SameSite=Strict already says so to the browser; this holds where
 * the browser is old or the other page is a sibling host of ours.
 */
const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

export type Origin = 'same' | 'other' | 'unknown';

/** What the browser says of where the request comes from. Both headers must agree when both are there. */
export function originOf(headers: Headers, host: string | null): Origin {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  if (site !== null && site !== 'same-origin') return 'other';
  if (origin === null) return site === null ? 'unknown' : 'same';
  return host !== null && originHost(origin) === host.toLowerCase() ? 'same' : 'other';
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined; // "null": a sandboxed page, a file
  }
}

/** Whether a request that a cookie authenticates may be carried out. */
export function mayUseCookie(request: { method: string; headers: Headers; url: string }): boolean {
  const origin = originOf(request.headers, hostOf(request));
  return safe.has(request.method) ? origin !== 'other' || isNavigation(request.headers) : origin === 'same';
}

export function hostOf({ headers, url }: { headers: Headers; url: string }): string | null {
  return headers.get('host') ?? new URL(url).host;
}

/** Following a link into the application, or opening it from a bookmark. */
function isNavigation(headers: Headers): boolean {
  return headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document';
}
