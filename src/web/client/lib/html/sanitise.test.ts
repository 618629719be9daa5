import { describe, expect, it } from 'vitest';
import { frameDocument } from './frame.ts';
import { sanitise } from './sanitise.ts';
import { filterStyle } from './style-filter.ts';

function clean(
  html: string,
  allowRemote = false,
  inline = new Map<string, string>(),
): { html: string; css: string; blocked: number } {
  const safe = sanitise(html, { allowRemote, inline });
  const holder = document.createElement('div');
  holder.append(safe.fragment);
  return { html: holder.innerHTML, css: safe.css, blocked: safe.blocked };
}

describe('what a message must not do', () => {
  it.each([
    ['a script', '<p>x</p><script>alert(1)</script>'],
    ['an event handler', '<p onclick="alert(1)" onmouseover=alert(1)>x</p>'],
    ['a handler on a picture', '<p>x</p><img src=x onerror=alert(1)>'],
    ['a script address', '<p>x</p><a href="javascript:alert(1)">y</a>'],
    [
      'a script address in disguise',
      '<p>x</p><a href="java\tscript:alert(1)">y</a><a href=" &#106;avascript:alert(1)">z</a>',
    ],
    ['a data address', '<p>x</p><a href="data:text/html,<script>alert(1)</script>">y</a>'],
    [
      'SVG with script',
      '<p>x</p><svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>q</text></a></svg>',
    ],
    [
      'MathML mutation',
      '<p>x</p><math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
    ],
    ['a frame', '<p>x</p><iframe srcdoc="<script>alert(1)</script>"></iframe><object data=x></object><embed src=x>'],
    [
      'a refresh and a base',
      '<meta http-equiv=refresh content="0;url=javascript:alert(1)"><base href="https://evil.example/"><link rel=stylesheet href=x><p>x</p>',
    ],
  ])('%s is gone', (_, html) => {
    const out = clean(html).html;
    expect(out).toContain('x');
    expect(out).not.toMatch(/script|alert|onerror|onclick|<svg|<math|<iframe|<object|<embed|<meta|<base|<link/i);
  });

  it('a form cannot ask for a password', () => {
    const out = clean(
      '<form action="https://evil.example"><input name=p type=password><button>Đăng nhập</button><textarea>x</textarea></form>ok',
    ).html;
    expect(out).toBe('ok');
  });
  it('names and ids cannot shadow ours', () =>
    expect(clean('<a id=app name=getElementById href="https://a.vn">x</a>').html).not.toMatch(/\bid=|\bname=/));
  it('a document of frames is empty', () =>
    expect(clean('<frameset cols="*"><frame src="https://a.vn"></frameset>').html).toBe(''));
  it('style elements are dropped with their text', () =>
    expect(clean('<style>.x{position:fixed}</style><p>ok</p>').html).toBe('<p>ok</p>'));
});

describe('covering our page', () => {
  it('position, z-index, transforms and negative margins are dropped', () => {
    const { css } = clean(
      '<div style="position:fixed;top:0;left:0;z-index:99999;width:100%;height:90px;background:#fff;transform:translateY(-200px);margin-top:-80px">Đã ký số</div>',
    );
    expect(css).not.toMatch(/position|z-index|transform|top:|margin/);
    expect(css).toContain('background:#fff');
  });
  it('url(), expressions, escapes and comments within words do not pass', () => {
    expect(filterStyle('background:url(https://x/y.png);color:red')).toBe('color:red');
    expect(filterStyle('width:expression(alert(1))')).toBe('');
    expect(filterStyle('color:\\72 ed')).toBe('');
    expect(filterStyle('po/**/sition:fixed;color:blue')).toBe('color:blue');
    expect(filterStyle('color:red}body{display:none')).toBe('');
  });
  it.each([
    'font:900px Arial',
    'font:bold 40pc/1 x',
    'font-size:90mm',
    'font-size:9e9px',
    'font-size:calc(60px*90)',
    'font-size:9999%',
    'font-size:90vb',
  ])('a font so large that it hides the rest is dropped: %s', (style) => expect(filterStyle(style)).toBe(''));
  it.each(['font:12px/1.5 Arial', 'font-size:11.0pt', 'font-size:150%', 'font-size:small', "font:bold 14px '900px x'"])(
    'a font of usual size stays: %s',
    (style) => expect(filterStyle(style)).toBe(style),
  );
  it.each([
    'margin-top:-.9e3px',
    'margin:calc(1px - (900px))',
    'margin:calc(900px*sin(4))',
    'width:9e9px',
    'width:99999in',
    'height:calc(60px*9000)',
    'padding-top:900000px',
    'border-top-width:99999px',
    'line-height:99999',
    'font:12px/99999 Arial',
    'height:100dvmax',
    'height:100vb',
    'background:src("https://x/y.png")',
    'background:cross-fade("https://x/y.png",red)',
    'color:var(--x)',
    // What stays open would undo the rules of other elements.
    'color:red//**/*',
    'font-family:"x',
    "font-family:'x\n'",
    'color:rgb(1',
    'color:[',
    'color:red)',
  ])('%s does not pass', (style) => expect(filterStyle(style)).toBe(''));
  it.each([
    'width:calc(100% - 20px)',
    'margin:0 auto',
    'padding:8.5pt 1em',
    'border:1px solid rgba(0,0,0,.5)',
    'border:solid #12ab34 1.0pt',
    'text-indent:-18.0pt',
    'line-height:1.5',
    'line-height:150%',
    'font:bold 12px/1.4 "9999 x",Arial',
    'font-family:"Times New Roman",\'Arial (x\'',
    'vertical-align:-3px',
  ])('%s stays', (style) => expect(filterStyle(style)).toBe(style));
  it('a height that follows the frame is dropped', () =>
    expect(filterStyle('height:100vh;min-height:100dvh')).toBe(''));
});

describe('remote content', () => {
  const html =
    '<img src="https://track.example/p.gif"><img src="http://track.example/q.gif"><td background="https://x/y.png">t</td>';
  it('is blocked and counted', () => {
    const out = clean(html);
    expect(out.blocked).toBe(2);
    expect(out.html).not.toMatch(/https?:/);
  });
  it('loads over https alone when it was allowed', () => {
    const out = clean(html, true);
    expect(out.html).toContain('https://track.example/p.gif');
    expect(out.html).not.toContain('http://track');
    expect(out.blocked).toBe(1);
  });
  it("shows the message's own pictures", () => {
    const picture = 'data:image/png;base64,iVBORw0KGgo=';
    expect(clean('<img src="cid:logo%40x">', false, new Map([['logo@x', picture]])).html).toContain(picture);
    expect(
      clean('<img src="cid:a">', false, new Map([['a', 'data:image/svg+xml;base64,PHN2Zz4=']])).html,
    ).not.toContain('svg');
  });
  it('links open apart, say nothing of us and show where they lead', () => {
    const out = clean('<a href="https://caoson.gov.vn/x" target=_top rel=opener>Xem</a>').html;
    expect(out).toContain('target="_blank"');
    expect(out).toContain('rel="noopener noreferrer nofollow"');
    expect(out).toContain('title="https://caoson.gov.vn/x"');
  });
});

describe('the frame', () => {
  const frame = (allowRemote: boolean): string =>
    frameDocument(
      sanitise('<p style="color:red">x</p><img src="https://a.vn/b.png">', { allowRemote, inline: new Map() }),
      'vi',
    );
  it('bears its own policy: nothing but its style sheet and pictures of its own', () => {
    for (const allowed of [false, true])
      expect(frame(allowed)).toContain("default-src 'none'; style-src data:; img-src data:; form-action");
  });
  it('has no inline style and no script', () => expect(frame(true)).not.toMatch(/<script|<style| style=/));
});
