/** congvu:authentication: what our own MX wrote into Authentication-Results (RFC 8601). */
import type { Authentication, AuthResult } from '../../base/api-types.ts';
import { findFields } from '../../message/header.ts';
import type { HeaderField } from '../../message/types.ts';
import { unfold } from '../../message/words.ts';

const results: ReadonlySet<string> = new Set([
  'pass',
  'fail',
  'softfail',
  'neutral',
  'none',
  'temperror',
  'permerror',
  'policy',
]);

/** RFC 8601 §5: only our own authserv-id is believed, and of several fields the topmost, which was added last. */
export function authenticationOf(header: readonly HeaderField[], authservId: string): Authentication | null {
  for (const { raw } of findFields(header, 'Authentication-Results')) {
    const [head = '', ...entries] = split(unfold(raw), ';').map((text) => text.trim());
    // RFC 8601 §2.2: authserv-id [CFWS authres-version]
    if (head.split(/\s+/)[0]?.toLowerCase() === authservId.toLowerCase()) return read(entries);
  }
  return null;
}

function read(entries: readonly string[]): Authentication {
  const found = new Map<string, { result: AuthResult; entry: string }[]>();
  for (const entry of entries) {
    const match = /^([a-z][a-z0-9-]*)(?:\/\d+)?\s*=\s*([a-z]+)/i.exec(entry);
    const result = match?.[2]?.toLowerCase() ?? '';
    const method = match?.[1]?.toLowerCase();
    if (method === undefined || !results.has(result)) continue;
    found.set(method, [...(found.get(method) ?? []), { result: result as AuthResult, entry }]);
  }
  // One good signature is enough, however many others there are.
  const best = (method: string) => found.get(method)?.find((e) => e.result === 'pass') ?? found.get(method)?.[0];
  const dmarc = best('dmarc');
  const aligned =
    dmarc?.result === 'pass'
      ? /(?:^|\s)header\.from\s*=\s*"?([^\s;"]+)/i.exec(dmarc.entry)?.[1]?.split('@').at(-1)?.toLowerCase()
      : undefined;
  return {
    spf: best('spf')?.result ?? 'none',
    dkim: best('dkim')?.result ?? 'none',
    dmarc: dmarc?.result ?? 'none',
    arc: best('arc')?.result ?? 'none',
    ...(aligned === undefined ? {} : { alignedDomain: aligned }),
  };
}

/** At the separator, outside quoted strings; comments are dropped, so that nobody can hide a result in one. */
function split(text: string, separator: string): string[] {
  const out = [''];
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    let kept = char;
    if (char === '\\' && (quoted || depth > 0)) kept = char + text.charAt(++i);
    else if (char === '"' && depth === 0) quoted = !quoted;
    else if (!quoted && char === '(') depth++;
    else if (!quoted && char === ')' && depth > 0) {
      depth--;
      kept = ' ';
    } else if (!quoted && depth === 0 && char === separator) {
      out.push('');
      continue;
    }
    if (depth === 0) out.push((out.pop() ?? '') + kept);
  }
  return out;
}
