/**
 * Folds Vietnamese text for search: no tone or vowel marks, đ as d, lower case.
 * "Điều hành" (NFC or NFD) -> "dieu hanh". đ does not decompose, hence its own rule.
 */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  // The marks of Latin letters first, which is quick and mostly all there is; then those of every script.
  const bare = text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]+/g, '')
    .replace(/[đĐ]/g, 'd');
  return (isAscii(bare) ? bare : bare.replace(/\p{M}/gu, '')).toLowerCase();
}

export const isAscii = (text: string): boolean => !/[\u0080-\uffff]/.test(text);

/** Clean text for storage: NFC, no U+0000 (PostgreSQL refuses it, 22021), no lone surrogates. */
export function clean(text: string): string {
  const noNul = text.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : text;
  return isAscii(noNul) ? noNul : toWellFormed(noNul).normalize('NFC');
}

/** Replaces lone surrogates by U+FFFD and keeps pairs. */
function toWellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

const collator = new Intl.Collator('vi');

/** Vietnamese order: a ă â … d đ e ê …, then tone. */
export function compareVietnamese(a: string, b: string): number {
  return collator.compare(a, b);
}
