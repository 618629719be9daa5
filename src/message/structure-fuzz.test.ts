/**
 * Messages made of parts that we know, with boundaries that begin like each other and line ends of every kind: what is read is what was
 * put in. Then cut off, crowded, deep and folded without end. A failure names its seed: it is kept with its rule.
 */
import { expect, it } from 'vitest';

import type { Random } from '../base/testing/random.ts';
import { forSeeds, roundsOr } from '../base/testing/seeds.ts';
import { decodePart, decodePartText } from './content.ts';
import { deriveMessage } from './derive.ts';
import { bodyOnly } from './imap-structure.ts';
import { parseMessage } from './parse.ts';
import { allParts, expectSoundTree, expectWholeSections } from './testing/invariants.ts';
import { expectImapForms } from './testing/structure-grammar.ts';
import { defaultMessageLimits, type Part } from './types.ts';

const ROUNDS = roundsOr(200);

/** A part as it was meant. */
interface Model {
  type: string;
  content?: Buffer;
  parts?: Model[];
}

const quotedPrintable = (content: Buffer, dice: Random): string => {
  let line = 0;
  return [...content]
    .map((octet) => {
      const escaped = octet !== 0x61 || dice.chance(0.1);
      const text = escaped ? `=${octet.toString(16).padStart(2, '0')}` : 'a';
      line += text.length;
      if (line < 60) return dice.chance(0.5) ? text : text.toUpperCase().replace('A', 'a');
      line = 0;
      return `${text}=${dice.pick(['', ' ', '\t '])}${dice.pick(['\r\n', '\n'])}`;
    })
    .join('');
};

class Maker {
  private readonly dice: Random;
  private readonly open: string[] = [];
  constructor(dice: Random) {
    this.dice = dice;
  }

  private end(): string {
    return this.dice.pick(['\r\n', '\r\n', '\r\n', '\n']);
  }

  /** Header and body, without a line end behind. */
  entity(depth = 0): { text: string; model: Model } {
    const kind = depth > 5 ? 1 : this.dice.next();
    if (kind < 0.45) return this.multipart(depth);
    if (kind < 0.55) {
      const { text, model } = this.entity(depth + 1);
      const type = this.dice.pick(['message/rfc822', 'Message/Global']);
      return {
        text: `Content-Type: ${type}${this.end()}${this.end()}${text}`,
        model: { type: type.toLowerCase(), parts: [model] },
      };
    }
    return this.leaf();
  }

  private leaf(): { text: string; model: Model } {
    const { dice } = this;
    const content = Buffer.from(Array.from({ length: dice.int(120) }, () => dice.pick([0x61, 0x61, dice.int(256)])));
    const [encoding, body] = dice.pick([
      () => ['base64', content.toString('base64').replace(/.{60}/g, `$&${this.end()}`)],
      () => ['Quoted-Printable', quotedPrintable(content, dice)],
      // What begins like a delimiter and is none, and cannot be seen as one.
      () => [
        'binary',
        content
          .toString('latin1')
          .replace(/--/g, '-x')
          .replace(/[\r\n]+$/, ''),
      ],
    ])() as [string, string];
    const fold = dice.pick([' ', `${this.end()} `, `${this.end()}\t`]);
    const identity = encoding === 'binary' && Buffer.from(body, 'latin1');
    return {
      text: `Content-Type:${fold}application/x;${fold}name="a"${this.end()}Content-Transfer-Encoding: ${encoding}${this.end()}${this.end()}${body}`,
      model: { type: 'application/x', content: identity || content },
    };
  }

  private multipart(depth: number): { text: string; model: Model } {
    const { dice } = this;
    let boundary: string;
    // Mostly that of an outer one with more behind it, or without its end.
    do {
      const outer = this.open.length > 0 && dice.chance(0.7) ? dice.pick(this.open) : 'b';
      boundary = dice.chance(0.3)
        ? outer.slice(0, -1).trimEnd()
        : `${outer}${dice.pick(['-', '--', 'x', '=', 'B', '_ _'])}`;
    } while (boundary === '' || this.isTaken(boundary));
    this.open.push(boundary);
    const made = Array.from({ length: 1 + dice.int(4) }, () => this.entity(depth + 1));
    this.open.pop();
    const space = (): string => dice.pick(['', '', ' ', '\t ']);
    const near = (): string =>
      dice.pick([
        '',
        '',
        `--${boundary}x${this.end()}`,
        `-${boundary}${this.end()}`,
        `${boundary}--`,
        ` --${boundary}`,
      ]);
    const between = made.map(({ text }) => `${this.end()}--${boundary}${space()}${this.end()}${text}`).join('');
    const preamble = this.isNear(boundary) ? '' : near();
    return {
      text: `Content-Type: multipart/mixed; boundary="${boundary}"${this.end()}${this.end()}${preamble}${between}${this.end()}--${boundary}--${space()}${this.end()}`,
      model: { type: 'multipart/mixed', parts: made.map(({ model }) => model) },
    };
  }

  /** The boundary of an open one, or what closes it. */
  private isTaken(boundary: string): boolean {
    return this.open.some((one) => one === boundary || `${one}--` === boundary || `${boundary}--` === one);
  }
  private isNear(boundary: string): boolean {
    return this.open.some((one) => one.startsWith(boundary));
  }
}

function expectModel(bytes: Buffer, part: Part, model: Model): void {
  expect(`${part.type}/${part.subtype}`).toBe(model.type);
  const inside = part.parts ?? (part.message ? [part.message.root] : []);
  expect(inside.length).toBe(model.parts?.length ?? 0);
  if (model.content && Buffer.compare(decodePart(bytes, part), model.content) !== 0)
    throw new Error(
      `${part.path}: ${JSON.stringify(Buffer.from(decodePart(bytes, part)).toString('latin1'))} for ${JSON.stringify(model.content.toString('latin1'))}`,
    );
  inside.forEach((child, at) => {
    const wanted = model.parts?.[at];
    if (wanted) expectModel(bytes, child, wanted);
  });
}

/** What holds for any octets, and that what we keep of them is not much more than they were. */
function expectSound(bytes: Buffer): void {
  const parsed = parseMessage(bytes);
  expectSoundTree(bytes, parsed);
  expectWholeSections(bytes, parsed.root);
  const derived = deriveMessage(bytes);
  expectImapForms(derived.imapEnvelope, derived.imapBodyStructure, bodyOnly(derived.root));
  expect(JSON.stringify(derived).length).toBeLessThan(5000 + 20 * bytes.length + 1500 * allParts(parsed.root).length);
}

it('what was put into parts comes out of them, whatever the boundaries and line ends', () => {
  forSeeds([], ROUNDS * 2, (dice) => {
    const { text, model } = new Maker(dice).entity();
    const bytes = Buffer.from(text, 'latin1');
    const { root } = parseMessage(bytes);
    expectSoundTree(bytes, parseMessage(bytes));
    expectModel(bytes, root, model);
  });
});

it('a message cut off anywhere is sound, and its parts before the cut are what they were', () => {
  forSeeds([], ROUNDS, (dice) => {
    const bytes = Buffer.from(new Maker(dice).entity().text, 'latin1');
    const end = dice.int(bytes.length + 1);
    const cut = bytes.subarray(0, end);
    expectSound(cut);
    const left = new Set(
      allParts(parseMessage(cut).root).map((part) => `${part.headerStart} ${part.bodyStart} ${part.bodyEnd}`),
    );
    for (const part of allParts(parseMessage(bytes).root)) {
      if (part.parts || part.message || part.bodyEnd + 80 > end) continue;
      expect(
        left.has(`${part.headerStart} ${part.bodyStart} ${part.bodyEnd}`),
        `${part.path} ends at ${part.bodyEnd}, cut at ${end}`,
      ).toBe(true);
    }
  });
});

it('octets changed and lines swapped within such a message leave it sound', () => {
  forSeeds([], ROUNDS, (dice) => {
    const lines = new Maker(dice).entity().text.split(/(?<=\n)/);
    for (let times = 1 + dice.int(4); times > 0; times--) {
      const [at, other] = [dice.int(lines.length), dice.int(lines.length)];
      const changed = [
        () => lines.splice(at, 1),
        () => lines.splice(at, 0, lines[other] ?? ''),
        () =>
          lines.splice(
            at,
            1,
            dice.pick(['\0', '\r', '\r\r\n', '\n', ' \r\n', '\xff\xfe', '--', 'From x\n', ' \xe1\xba\r\n', ': x\r\n']),
          ),
        () => lines.splice(at, 1, (lines[at] ?? '').replaceAll('\r', dice.pick(['', '\r\r', '\0']))),
        () => lines.splice(at, 1, (lines[at] ?? '').trimEnd()),
      ];
      dice.pick(changed)();
    }
    expectSound(Buffer.from(lines.join(''), 'latin1'));
  });
});

const multi = (boundary: string, inside: string): string =>
  `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\n${inside}`;
it.each([
  ['fifty thousand parts', multi('x', '\r\n--x\r\n'.repeat(50_000))],
  [
    'ten thousand multiparts within each other',
    Array.from({ length: 10_000 }, (_, at) => multi(`b${at}`, '')).join(''),
  ],
  ['ten thousand of the same boundary', multi('x', '').repeat(10_000)],
  ['ten thousand messages within each other', 'Content-Type: message/rfc822\r\n\r\n'.repeat(10_000)],
  [
    'messages that are digests of messages',
    'Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\n'.repeat(5000),
  ],
  ['a field folded a hundred thousand times', `Subject: x${'\r\n y'.repeat(100_000)}\r\nTo: a@b\r\n\r\n`],
  ['a field folded at nothing', `Subject: x${'\r\n '.repeat(100_000)}\r\n\r\n`],
  ['one encoded word without end', `Subject: =?utf-8?B?${'w'.repeat(500_000)}?=\r\n\r\n`],
  ['encoded words that never close', `Subject: ${'=?utf-8?Q?'.repeat(50_000)}\r\n\r\n`],
  ['a field beyond all limits', `To: ${'a@b, '.repeat(200_000)}\r\nCc: c@d\r\n\r\n`],
  ['groups without end', `To: ${'g:'.repeat(20_000)}${'a@b;'.repeat(20_000)}\r\n\r\n`],
  ['parameters without end', `Content-Type: a/b${';x*0*=%41'.repeat(40_000)}\r\n\r\n`],
  [
    'pieces of one parameter',
    `Content-Type: a/b${Array.from({ length: 9999 }, (_, at) => `;x*${at}=y`).join('')}\r\n\r\n`,
  ],
  ['ids without end', `References: ${'<a@b>'.repeat(80_000)}\r\n\r\n`],
  ['CR alone', `Subject: x\r${'\r'.repeat(100_000)}\n\r\n${'\r'.repeat(100_000)}`],
  [
    'cells behind a long text',
    `Content-Type: text/html\r\n\r\n${'a b '.repeat(80_000)}${'<td> <!-- x -->'.repeat(60_000)}`,
  ],
  [
    'hidden elements that stay open',
    `Content-Type: text/html\r\n\r\n${'<p style="display:none"><script'.repeat(40_000)}`,
  ],
  ['references to characters', `Content-Type: text/html\r\n\r\n${'&#x41;&#'.repeat(60_000)}`],
])('%s', (_, text) => {
  const bytes = Buffer.from(text, 'latin1');
  expectSound(bytes);
  const parts = allParts(parseMessage(bytes).root);
  expect(parts.length).toBeLessThanOrEqual(2 * (defaultMessageLimits.parts + defaultMessageLimits.depth));
  for (const part of parts) if (part.type === 'text') decodePartText(bytes, part);
});
