/** Modified UTF-7 of mailbox names (RFC 3501 §5.1.3), for clients that have not turned UTF-8 on. */

export function encodeModifiedUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (part) => {
    if (part === '&') return '&-';
    const utf16 = Buffer.from(part, 'utf16le').swap16();
    return `&${utf16.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}

/** Undefined when the name is no modified UTF-7. */
export function decodeModifiedUtf7(name: string): string | undefined {
  if (/[^\x20-\x7e]/.test(name)) return undefined;
  let good = true;
  const decoded = name.replace(/&([^-]*)(-?)/g, (_all, body: string, end: string) => {
    if (end === '' || !/^[A-Za-z0-9+,]*$/.test(body)) good = false;
    if (!good) return '';
    if (body === '') return '&';
    const utf16 = Buffer.from(body.replaceAll(',', '/'), 'base64');
    if (utf16.length === 0 || utf16.length % 2 !== 0) good = false;
    return good ? utf16.swap16().toString('utf16le') : '';
  });
  // §5.1.3: no superfluous shifts, no encoded printable ASCII; so a name has one spelling only.
  return good && encodeModifiedUtf7(decoded) === name ? decoded : undefined;
}
