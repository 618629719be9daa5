/** Which CSS of a message may stay. What could cover our page, load something or escape its box goes. */
const allowed = new Set(
  (
    'color background-color background font font-family font-size font-style font-weight font-variant line-height letter-spacing word-spacing text-align ' +
    'text-decoration text-indent text-transform vertical-align white-space word-break overflow-wrap word-wrap direction list-style list-style-type ' +
    'width height min-width min-height max-width max-height margin margin-top margin-right margin-bottom margin-left padding padding-top ' +
    'padding-right padding-bottom padding-left border border-top border-right border-bottom border-left border-width border-style border-color ' +
    'border-top-width border-right-width border-bottom-width border-left-width border-top-color border-right-color border-bottom-color border-left-color ' +
    'border-top-style border-right-style border-bottom-style border-left-style border-collapse border-spacing border-radius display float clear table-layout caption-side'
  ).split(' '),
);
/** url() loads; expression(), @import and escapes are old tricks; viewport units grow with the frame we size. */
const hostile =
  /url\s*\(|image\s*\(|image-set|expression|@|\\|<|behavior|-moz-binding|javascript:|\d(?:vh|vw|vmin|vmax|dvh|svh|lvh|%\s*vh)\b/i;
const displays = new Set([
  'block',
  'inline',
  'inline-block',
  'none',
  'table',
  'table-row',
  'table-cell',
  'table-row-group',
  'list-item',
]);

/** The largest font of each unit. A unit that is not here, or a size that is computed, can be of any size. */
const largest: Readonly<Record<string, number>> = {
  px: 60,
  pt: 60,
  em: 5,
  rem: 5,
  '%': 500,
  ex: 10,
  ch: 10,
  pc: 5,
  mm: 20,
  cm: 2,
  in: 0.8,
};

function hasUsualSize(value: string): boolean {
  if (value.includes('(')) return false;
  const sizes = value.replace(/"[^"]*"|'[^']*'/g, '').matchAll(/(\d*\.?\d+(?:e[+-]?\d+)?)([a-z]+|%)/g);
  return [...sizes].every(([, number, unit = '']) => Number(number) <= (largest[unit] ?? 0));
}

/** Negative margins pull text over other text; giant fonts hide it. */
function fits(property: string, value: string): boolean {
  if (value.length > 300 || hostile.test(value)) return false;
  if (property === 'display') return displays.has(value.replace('!important', '').trim());
  if (property.startsWith('margin') && /-\s*\d/.test(value)) return false;
  const size = /(\d+(?:\.\d+)?)(px|pt|em|rem)/.exec(value);
  if (property === 'font-size' || property === 'font') return hasUsualSize(value);
  if (/^(min-|max-)?(width|height)$/.test(property) && size) return Number(size[1]) <= 4000;
  return true;
}

/** The declarations that may stay, as "a:b;c:d"; comments are gone before they can split a word. */
export function filterStyle(style: string): string {
  return style
    .replace(/\/\*[\s\S]*?(?:\*\/|$)/g, '')
    .split(';')
    .map((declaration) => {
      const at = declaration.indexOf(':');
      const property = declaration.slice(0, at).trim().toLowerCase();
      const value = declaration.slice(at + 1).trim();
      return at > 0 && value && allowed.has(property) && !/[{}]/.test(value) && fits(property, value.toLowerCase())
        ? `${property}:${value}`
        : '';
    })
    .filter(Boolean)
    .join(';');
}
