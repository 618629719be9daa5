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
  /(?:url|src|image|element|paint|var|env|attr)\s*\(|image-set|cross-fade|expression|@|\\|<|behavior|-moz-binding|javascript:|\d[dsl]?(?:vh|vw|vi|vb|vmin|vmax)\b/i;
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

/** The longest length of each unit: a message may be large, but not so that what follows it is never found. */
const longest: Readonly<Record<string, number>> = {
  px: 4000,
  pt: 3000,
  em: 250,
  rem: 250,
  '%': 1000,
  ex: 500,
  ch: 500,
  pc: 250,
  mm: 1100,
  cm: 110,
  in: 42,
  deg: 360,
};
const TALLEST_LINE = 20;
const sized =
  /^(?:(?:min-|max-)?(?:width|height)|margin|padding|border|line-height|letter-spacing|word-spacing|text-indent|vertical-align)/;

const numbers = (value: string): RegExpExecArray[] => [
  ...value.replace(/"[^"]*"|'[^']*'|#[0-9a-f]{3,8}(?![\w-])/g, '').matchAll(/(\d*\.?\d+(?:e[+-]?\d+)?)([a-z]+|%)?/g),
];

function hasUsualSize(value: string): boolean {
  if (value.includes('(')) return false;
  const [, leading = ''] = value.split('/');
  if (!hasUsualLineHeight(leading.trim().split(/\s/, 1)[0] ?? '')) return false;
  return numbers(value).every(([, number, unit]) => !unit || Number(number) <= (largest[unit] ?? 0));
}

function hasUsualLineHeight(value: string): boolean {
  return numbers(value).every(([, number, unit]) => unit !== undefined || Number(number) <= TALLEST_LINE);
}

/** What multiplies, or a unit that is not here, can be of any size. */
function hasUsualLengths(value: string): boolean {
  const functions = [...value.matchAll(/([\w-]*)\(/g)].map(([, name = '']) => name);
  if (!functions.every((name) => /^(?:rgba?|hsla?|calc)$/.test(name))) return false;
  if (functions.includes('calc') && /[*/]/.test(value)) return false;
  return numbers(value).every(([, number, unit]) => !unit || Number(number) <= (longest[unit] ?? 0));
}

/** A quote, a bracket or a comment that stays open swallows the rules of all that follows. */
function isClosed(value: string): boolean {
  const bare = value.replace(/"[^"\n\r\f]*"|'[^'\n\r\f]*'/g, '');
  if (/["'[\]]|\/\*|\*\//.test(bare)) return false;
  let depth = 0;
  for (const char of bare) {
    if (char === '(') depth++;
    if (char === ')' && --depth < 0) return false;
  }
  return depth === 0;
}

/** Negative margins pull text over other text; giant fonts hide it. */
function fits(property: string, value: string): boolean {
  if (value.length > 300 || hostile.test(value) || !isClosed(value)) return false;
  if (property === 'display') return displays.has(value.replace('!important', '').trim());
  // "-.5em" and "calc(…)" as well as "-5px".
  if (property.startsWith('margin') && /[-(]/.test(value)) return false;
  if (property === 'font-size' || property === 'font') return hasUsualSize(value);
  if (property === 'line-height' && !hasUsualLineHeight(value)) return false;
  return !sized.test(property) || hasUsualLengths(value);
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
