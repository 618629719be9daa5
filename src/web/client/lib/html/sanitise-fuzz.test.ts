/**
 * Markup and styles at random, hostile ones above all: what comes out is serialized and parsed again as the frame does it, and holds
 * nothing that runs, loads, or leaves its box. A failure names its seed: it is kept.
 */
import { expect, it } from 'vitest';

import type { Random } from '../../../../base/testing/random.ts';
import { forSeeds, roundsOr } from '../../../../base/testing/seeds.ts';
import { frameDocument } from './frame.ts';
import { sanitise } from './sanitise.ts';
import { filterStyle } from './style-filter.ts';

const ROUNDS = roundsOr(150);

const words = (text: string): string[] => text.split(' ');
const TAGS = [
  ...words(
    'a p div table tr td img span font b ul li details summary blockquote pre center hr br form input button select option',
  ),
  ...words(
    'textarea script style title template noscript iframe object embed svg math mtext mglyph malignmark annotation-xml',
  ),
  ...words(
    'foreignObject desc use animate set image link meta base head body html frameset xmp plaintext noembed noframes listing',
  ),
  ...words('video audio source picture marquee x-y A IMG SCRIPT SvG'),
];
const NAMES = [
  ...words(
    'href src srcset style class id name title alt onclick onerror onload ONMOUSEOVER action formaction background data',
  ),
  ...words(
    'poster xlink:href xmlns srcdoc target rel ping lowsrc dynsrc is slot width bgcolor type dir lang http-equiv content',
  ),
];
const URLS = [
  ...words(
    'https://x.example/p.gif http://x.example/ //x.example/p javascript:alert(1) JaVaScRiPt:alert(1) vbscript:x mailto:a@b.vn',
  ),
  ...words(
    'tel:1 cid:logo cid:%6Cogo cid:bad cid:% data:text/html,<script>1</script> data:image/png;base64,AAAA data:image/svg+xml;base64,AAAA',
  ),
  ...[
    'java\tscript:alert(1)',
    ' \u0001javascript:alert(1)',
    '&#106;avascript:alert(1)',
    'blob:x',
    'file:///etc',
    '?x',
    '#y',
    'ftp://x',
  ],
];
const PROPERTIES = words(
  'color background background-image font font-size font-family margin margin-top margin-left padding width height max-width min-height ' +
    'line-height text-indent letter-spacing border border-width display float position top z-index transform opacity content filter ' +
    'clip-path animation overflow inset vertical-align list-style list-style-image cursor behavior --x COLOR unicode-bidi',
);
const VALUES = words(
  'red #fff 1px -1px -.5em 9e9px 1e-9px 99999cm 5% 12pt auto none block fixed absolute sticky inherit 700 0 1.5 99999 100vh 100dvb 5cqw ' +
    'url(https://x.example/p) URL( u/**/rl( src("x") image-set("x"1x) calc(1px calc(9px*9999) calc(1px+2px) calc(0px-9px) var(--x) env(x) ' +
    'expression(alert(1)) rgb(1,2,3) rgb( ( ) [ ] { } " \' "x" \'(\' /* */ /**/ //**/* \\ \\75rl( @import < > ! !important , / : ; ;; \n',
);
const style = (dice: Random): string =>
  Array.from({ length: dice.int(5) }, () => {
    const values = Array.from({ length: 1 + dice.int(4) }, () => dice.pick(VALUES));
    return `${dice.pick(PROPERTIES)}:${values.join(dice.pick([' ', '', '']))}`;
  }).join(dice.pick([';', '; ', ';;', ' ']));

const attribute = (dice: Random): string => {
  const quote = dice.pick(['"', '"', "'", '', '`']);
  const name = dice.pick(NAMES);
  const value = name === 'style' || dice.chance(0.2) ? style(dice).replaceAll('"', '&quot;') : dice.pick(URLS);
  return dice.chance(0.1) ? dice.pick(['<', '/', '"', '=', '\0', 'x"y']) : `${name}=${quote}${value}${quote}`;
};
const markup = (dice: Random, depth = 0): string => {
  const inside = (): string =>
    depth > 5 ? 'x' : Array.from({ length: dice.int(4) }, () => markup(dice, depth + 1)).join('');
  return dice.pick([
    () => dice.pick(['x', 'công văn', '<', '&lt;script&gt;', '&#60;', '\0', '</', '<!', ']]>', '-->', '--!>', '<?x?>']),
    () => `<!--${inside()}${dice.pick(['-->', '--!>', '->', '>', ''])}`,
    () => `<![CDATA[${inside()}]]>`,
    ...Array.from({ length: 4 }, () => () => {
      const tag = dice.pick(TAGS);
      const attributes = Array.from({ length: dice.int(4) }, () => attribute(dice)).join(
        dice.pick([' ', ' ', '/', '\n']),
      );
      const end = dice.pick(['', `</${tag}>`, `</${tag}>`, `</${tag}>`, `</${dice.pick(TAGS)}>`, '</p></table>']);
      return `<${tag}${dice.pick([' ', '/', '\t'])}${attributes}${dice.pick(['>', '>', '>', '/>', ''])}${inside()}${end}`;
    }),
  ])();
};

const ELEMENTS = new Set(
  words(
    'A ABBR ADDRESS B BIG BLOCKQUOTE BR CAPTION CENTER CITE CODE COL COLGROUP DD DEL DIV DL DT EM FIGCAPTION FIGURE FONT H1 H2 H3 H4 H5 H6 HR ' +
      'I IMG INS KBD LI MARK OL P PRE Q S SAMP SECTION ARTICLE HEADER FOOTER MAIN ASIDE SMALL SPAN STRIKE STRONG SUB SUP TABLE TBODY TD TFOOT TH ' +
      'THEAD TR TT U UL VAR WBR DETAILS SUMMARY',
  ),
);
const QUIET =
  /^(?:alt|title|width|height|align|valign|bgcolor|color|face|size|border|cellpadding|cellspacing|colspan|rowspan|dir|lang|start|type|nowrap|span)$/;

function expectQuiet({ name, value }: Attr, element: Element, allowRemote: boolean): void {
  const found = `<${element.tagName} ${name}=${JSON.stringify(value)}>`;
  if (name === 'href') expect(found).toMatch(/^<A href="(?:https?:|mailto:|tel:)/i);
  else if (name === 'src')
    expect(found).toMatch(allowRemote ? /^<IMG src="(?:data:image\/png;|https:\/\/)/ : /^<IMG src="data:image\/png;/);
  else if (name === 'class') expect(value, found).toMatch(/^s\d+$/);
  else if (name === 'target') expect(value, found).toBe('_blank');
  else if (name === 'rel') expect(value, found).toBe('noopener noreferrer nofollow');
  else expect(name, found).toMatch(QUIET);
}

/** One declaration of the sheet, by rules of its own rather than the filter's. */
function expectHarmless(declaration: string): void {
  expect(declaration).toMatch(/^[a-z-]+:[^;{}\\@<]+$/);
  const bare = declaration.replace(/"[^"\n]*"|'[^'\n]*'/g, '').toLowerCase();
  expect(bare).not.toMatch(
    /^(?:position|top|inset|z-index|transform|content|filter|clip|animation|overflow|cursor|behavior|opacity|--)/,
  );
  expect(bare).not.toMatch(/(?:url|src|set|image|expression|var|env)\(|\/\*|\*\/|["'[\]]|^margin[^:]*:.*-/);
  expect(bare.split('(').length).toBe(bare.split(')').length);
  if (!/^(?:margin|padding|border|(?:min-|max-)?(?:width|height)|line-height|letter|text-indent|font-size)/.test(bare))
    return;
  expect(bare).not.toMatch(/\d(?:[a-z]*v[a-z]+|cq)/);
  for (const [, number] of bare.matchAll(/(\d*\.?\d+(?:e[+-]?\d+)?)(?:[a-z]+|%)/g))
    expect(Number(number), bare).toBeLessThanOrEqual(4000);
}

it('styles at random keep nothing that loads, covers, or opens what it does not close', () => {
  forSeeds([1, 194], ROUNDS * 40, (dice) => {
    const kept = filterStyle(style(dice));
    if (kept !== '') kept.split(';').forEach(expectHarmless);
    expect(filterStyle(kept)).toBe(kept);
  });
});

it('markup at random, parsed again as the frame does, holds nothing that runs or loads', () => {
  const inline = new Map([
    ['logo', 'data:image/png;base64,AAAA'],
    ['bad', 'data:image/svg+xml;base64,AAAA'],
  ]);
  forSeeds([11], ROUNDS, (dice) => {
    const allowRemote = dice.chance(0.3);
    const safe = sanitise(Array.from({ length: 1 + dice.int(4) }, () => markup(dice)).join(''), {
      allowRemote,
      inline,
    });
    const rules = safe.css === '' ? [] : safe.css.split('\n');
    for (const rule of rules) expect(rule).toMatch(/^\.s\d+\{[^{}]+\}$/);
    const page = new DOMParser().parseFromString(frameDocument(safe, 'vi'), 'text/html');
    expect([...page.head.children].map((element) => element.tagName)).toEqual(['META', 'META', 'META', 'LINK']);
    for (const element of page.body.querySelectorAll('*')) {
      if (!ELEMENTS.has(element.tagName))
        throw new Error(`<${element.tagName}> in ${page.body.innerHTML.slice(0, 500)}`);
      for (const one of element.attributes) expectQuiet(one, element, allowRemote);
    }
    // Parsed once more it is the same: nothing waits for a second reader.
    const html = page.body.innerHTML;
    expect(new DOMParser().parseFromString(`<body>${html}`, 'text/html').body.querySelectorAll('*').length).toBe(
      page.body.querySelectorAll('*').length,
    );
  });
});
