/** What an official types as the address of a link: a web or mail address, with or without its scheme. */
export function linkAddress(typed: string): string | undefined {
  const text = typed.trim();
  if (/^[^\s@/:]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`;
  // "www.caoson.gov.vn/x": a name with a dot and no scheme.
  const full = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text) ? text : `https://${text}`;
  try {
    const url = new URL(full);
    if (url.protocol === 'mailto:') return url.href;
    const web = url.protocol === 'https:' || url.protocol === 'http:';
    return web && url.hostname.includes('.') ? url.href : undefined;
  } catch {
    return undefined;
  }
}
