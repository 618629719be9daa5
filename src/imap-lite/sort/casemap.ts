/**
 * The collation i;unicode-casemap (RFC 5051), which RFC 5256 §2 asks for: simple titlecase, full decomposition, octets of
 * UTF-8. It ignores case and width but not Vietnamese marks: "công" comes after "cong", "đ" after all of a–z.
 */

/** Longer keys differ before: a stranger's header must not fill our memory. */
const LENGTH = 1000;

/** Letters of which titlecase is nothing else than upper case: ASCII, and all that Vietnamese is written with. */
const USUAL =
  /^[\x00-\x7f\xa0-\xb4\xb6-\xde\xe0-\xfe\u0100-\u0148\u014a-\u017e\u01a0\u01a1\u01af\u01b0\u0300-\u0344\u1ea0-\u1ef9\u2010-\u2027]*$/;

/** The sort key of a text; two compare with "<" as their octets do. */
export function casemap(text: string): string {
  const part = text.slice(0, LENGTH);
  const title = USUAL.test(part) ? part.toUpperCase() : [...part].map(titlecase).join('');
  const key = title.normalize('NFKD');
  return ASCII.test(key) ? key : Buffer.from(key, 'utf8').toString('latin1');
}
const ASCII = /^[\x00-\x7f]*$/;

/** Simple_Titlecase_Mapping of Unicode: what upper case gives when it is one character, but for these. */
function titlecase(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return char.toUpperCase();
  const special = digraph(code) ?? withIota(code);
  if (special !== undefined) return String.fromCodePoint(special);
  // Georgian has capitals but no titlecase.
  if (code >= 0x10d0 && code <= 0x10ff) return char;
  const upper = char.toUpperCase();
  return upper.length === String.fromCodePoint(upper.codePointAt(0) ?? 0).length ? upper : char;
}

/** DŽ Dž dž, LJ, NJ, DZ: the one in the middle. */
function digraph(code: number): number | undefined {
  return [0x1c5, 0x1c8, 0x1cb, 0x1f2].find((middle) => Math.abs(code - middle) <= 1);
}

/** Greek letters with iota subscript: upper case would be two letters, titlecase is one. */
function withIota(code: number): number | undefined {
  if (code >= 0x1f80 && code <= 0x1faf) return code | 8;
  return new Map([
    [0x1fb3, 0x1fbc],
    [0x1fc3, 0x1fcc],
    [0x1ff3, 0x1ffc],
  ]).get(code);
}
