import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import {
  binarySection,
  bodySection,
  decodePart,
  decodePartText,
  decodePartTextAndProblem,
  type BodySection,
} from './content.ts';
import { encodeAddress, encodeParameter, encodePhrase, encodeText, headerLine } from './encode-words.ts';
import { decodeAddresses, decodeHeaderText } from './header.ts';
import { parseParameterized } from './params.ts';
import { parseMessage } from './parse.ts';
import { oddMessage } from './testing/collection.ts';
import { decodeBase64, decodeQuotedPrintable, decodeUuencode } from './transfer-encodings.ts';
import { fromVni } from './vietnamese.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The same numbers on every run. */
function randomBytes(seed: string, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) =>
    createHash('sha256').update(`${seed}${at}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

describe('transfer encodings', () => {
  it.each([
    ['aGVsbG8=', 'hello'],
    ['aGVs\r\nbG8=\r\n', 'hello'],
    ['aGVs*bG8', 'hello'],
    ['aGVsbG8', 'hello'],
    ['YQ==YQ==', 'aa'],
    ['YWI=\r\nYw==', 'abc'],
    ['Y', ''],
    ['====', ''],
    ['', ''],
  ])('base64 %j is %j', (encoded, text) => expect(textOf(decodeBase64(bytesOf(encoded)))).toBe(text));

  it.each([
    // RFC 2045 §6.7
    [
      "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
      "Now's the time for all folk to come to the aid of their country.",
    ],
    ['a=3D=0D=0A', 'a=\r\n'],
    ['line \t \r\nnext', 'line\r\nnext'],
    ['kept=20\r\nnext', 'kept \r\nnext'],
    ['=c3=a1', '\xc3\xa1'],
    ['50% = 1/2 =ZZ', '50% = 1/2 =ZZ'],
    ['soft =  \r\nbreak', 'soft break'],
    ['lf =\nbreak\n', 'lf break\n'],
    ['end=', 'end'],
    ['end =3', 'end =3'],
  ])('quoted-printable %j is %j', (encoded, text) =>
    expect(textOf(decodeQuotedPrintable(bytesOf(encoded)))).toBe(text),
  );

  it.each([
    ['begin 644 cat.txt\n#0V%T\n`\nend\n', 'Cat'],
    ['rubbish\r\nbegin 644 c\r\n#0V%T\r\n \r\nend\r\nafter', 'Cat'],
    ['begin 644 c\nM0V%T\n', 'Cat'],
    ['no begin', ''],
  ])('uuencode %j is %j', (encoded, text) =>
    expect(textOf(decodeUuencode(bytesOf(encoded))).replace(/\0+$/, '')).toBe(text),
  );

  it('any octets come back from base64 in lines of any length', () => {
    for (let length = 0; length < 200; length++) {
      const octets = randomBytes('b', length);
      const lines = Buffer.from(octets)
        .toString('base64')
        .replace(new RegExp(`.{${(length % 76) + 1}}`, 'g'), '$&\r\n');
      expect(Buffer.from(decodeBase64(bytesOf(lines)))).toEqual(Buffer.from(octets));
    }
  });

  it.each([
    ['', ''],
    ['\r\n*** \0 rubbish!?'.replace(/[a-z]/g, '.'), ''],
    ['\r\n-\r\n_\r\n', ''],
    ['\r\n', '=\r\nYQ=='],
    ['', 'YQ'],
    ['', 'Y'],
  ])('large base64 is read as small base64 is, with %j inside and %j at the end', (inside, end) => {
    const octets = randomBytes('large', 12_000);
    const encoded = Buffer.from(octets).toString('base64');
    const tail = Buffer.from(end === '=\r\nYQ==' || end === 'YQ' ? 'a' : '');
    const large = decodeBase64(bytesOf(encoded.slice(0, 6000) + inside + encoded.slice(6000) + end));
    expect(Buffer.from(large).equals(Buffer.concat([octets, tail]))).toBe(true);
  });
});

describe('charsets of text', () => {
  const text = (type: string, body: Uint8Array): string => {
    const bytes = Buffer.concat([
      Buffer.from(`Content-Type: ${type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`),
      body,
    ]);
    return decodePartText(bytes, parseMessage(bytes).root);
  };

  it('reads windows-1252 by its own table, not as ISO 8859-1', () => {
    expect(text('text/plain; charset=windows-1252', bytesOf('\x93x\x94 \x80 \x96'))).toBe('“x” € –');
  });

  it.each([
    ['big5', 'a4a4', '中'],
    ['gb18030', 'd6d0', '中'],
    ['koi8-r', 'd0d2', 'пр'],
    ['euc-kr', 'b0a1', '가'],
    ['windows-874', 'a1', 'ก'],
    ['cp437', '82', 'é'],
    ['"utf-8"', 'e1baa1', 'ạ'],
    ['UTF8', 'e1baa1', 'ạ'],
    ['utf-8*vi', 'e1baa1', 'ạ'],
    ['utf-16', 'feff1ea1', 'ạ'],
    ['utf-16le', 'a11e', 'ạ'],
    ['base64', '5151', 'QQ'],
    ['windows-1258', '61f2', 'ạ'],
  ])('%s', (charset, hex, expected) =>
    expect(text(`text/plain; charset=${charset}`, Buffer.from(hex, 'hex'))).toBe(expected),
  );

  it.each([
    'Jeg må gå på jobb så få må nå',
    'Vi måste få på så då, är för små',
    'Größe für über Mäuse schöne Füße',
    'você não está aqui, mas a situação é já ação',
    'El niño comió mañana, así será también',
    'René André à côté de la forêt, ça été',
  ])('western text stays western: %s', (sample) => {
    expect(text('text/plain; charset=iso-8859-1', bytesOf(sample))).toBe(sample);
    expect(text('text/plain', bytesOf(sample))).toBe(sample);
  });

  it('says when characters were lost', () => {
    const problem = (type: string, hex: string): boolean => {
      const bytes = Buffer.concat([Buffer.from(`Content-Type: ${type}\r\n\r\n`), Buffer.from(hex, 'hex')]);
      return decodePartTextAndProblem(bytes, parseMessage(bytes).root).problem;
    };
    expect(problem('text/plain; charset=utf-8', 'e1baa1')).toBe(false);
    expect(problem('text/plain; charset=utf-8', 'e1ba')).toBe(true);
    expect(problem('text/plain; charset=x-martian', '61')).toBe(true);
    expect(problem('text/plain', 'e1baa1')).toBe(false);
  });

  it('reads every Vietnamese letter in VNI, both cases', () => {
    expect(fromVni('aù aø aû aõ aï aê aé aè aú aü aë aâ aá aà aå aã aä')).toBe('á à ả ã ạ ă ắ ằ ẳ ẵ ặ â ấ ầ ẩ ẫ ậ');
    expect(fromVni('eù eø eû eõ eï eâ eá eà eå eã eä í ì æ ó ò')).toBe('é è ẻ ẽ ẹ ê ế ề ể ễ ệ í ì ỉ ĩ ị');
    expect(fromVni('où oø oû oõ oï oâ oá oà oå oã oä ô ôù ôø ôû ôõ ôï')).toBe('ó ò ỏ õ ọ ô ố ồ ổ ỗ ộ ơ ớ ờ ở ỡ ợ');
    expect(fromVni('uù uø uû uõ uï ö öù öø öû öõ öï yù yø yû yõ î ñ')).toBe('ú ù ủ ũ ụ ư ứ ừ ử ữ ự ý ỳ ỷ ỹ ỵ đ');
    expect(fromVni('COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM')).toBe('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM');
    expect(fromVni('Ñoäc laäp - Töï do - Haïnh phuùc')).toBe('Độc lập - Tự do - Hạnh phúc');
  });
});

describe('IMAP sections', () => {
  const bytes = oddMessage('nested-forwards');
  const { root } = parseMessage(bytes);
  const section = (path: string, kind: BodySection['kind'] = 'all', fields?: string[]): string | undefined => {
    const found = bodySection(bytes, root, fields ? { path, kind, fields } : { path, kind });
    return found && textOf(found);
  };

  it('BODY[] is every octet, HEADER and TEXT together too', () => {
    expect(section('')).toBe(textOf(bytes));
    expect(`${section('', 'header')}${section('', 'text')}`).toBe(textOf(bytes));
  });

  it('reaches into forwarded messages', () => {
    expect(section('1')).toBe('See below');
    expect(section('1', 'mime')).toBe('\r\n');
    expect(section('2', 'mime')).toContain('filename="inner.eml"');
    expect(section('2', 'header')).toContain('Message-ID: <in1@xa>\r\n');
    expect(section('2')).toBe(`${section('2', 'header')}${section('2', 'text')}`);
    expect(section('2.1')).toBe('inner text');
    expect(section('2.2', 'header')).toBe('From: c@d\r\nSubject: innermost\r\n\r\n');
    expect(section('2.2.1')).toBe('deep');
  });

  it('gives chosen fields in the order of the message, with the blank line', () => {
    expect(section('2.2', 'headerFields', ['SUBJECT', 'date'])).toBe('Subject: innermost\r\n\r\n');
    expect(section('2.2', 'headerFieldsNot', ['subject'])).toBe('From: c@d\r\n\r\n');
    expect(section('', 'headerFields', ['X-None'])).toBe('\r\n');
  });

  it('has nothing for what does not exist, nor HEADER of what is no message', () => {
    expect(section('3')).toBeUndefined();
    expect(section('1.1')).toBeUndefined();
    expect(section('1', 'header')).toBeUndefined();
    expect(section('1', 'text')).toBeUndefined();
    expect(section('', 'mime')).toBeUndefined();
  });

  it('a message cut out and parsed alone has the same parts', () => {
    const inner = bodySection(bytes, root, { path: '2', kind: 'all' });
    expect(inner && parseMessage(inner).root.parts?.map(({ path, type, lines }) => [path, type, lines])).toEqual([
      ['1', 'text', 1],
      ['2', 'message', 4],
    ]);
  });

  it('BINARY undoes the transfer encoding and refuses one it does not know', () => {
    const file = oddMessage('rfc2047-in-quoted-name');
    const of = parseMessage(file).root;
    expect(textOf(binarySection(file, of, '2') as Uint8Array)).toMatch(/^%PDF-1\.4/);
    expect(binarySection(file, of, '9')).toBeUndefined();
    expect(binarySection(file, of, '')).toBe(file);
    const strange = oddMessage('unknown-encoding');
    expect(binarySection(strange, parseMessage(strange).root, '1')).toBe('unknownEncoding');
  });
});

describe('encoding for headers', () => {
  const samples = [
    '',
    'plain',
    'Về việc báo cáo quý ba năm 2026 của các đơn vị trực thuộc trên địa bàn tỉnh Cao Sơn',
    'a =?b',
    'quote " back \\ slash',
    '🇻🇳 cờ '.repeat(30).trim(),
    'Lê, Văn',
    'x'.repeat(300),
    'a;b=c',
    "isn't 100%",
  ];

  it.each(samples)('%j comes back from encoded words', (text) => {
    const line = headerLine('Subject', encodeText(text));
    expect(line).toMatch(/^[\x20-\x7e\r\n]*\r\n$/);
    for (const row of line.split('\r\n'))
      expect(row.length).toBeLessThanOrEqual(row.includes('=?') ? 76 : Math.max(78, text.length + 10));
    expect(decodeHeaderText(line.slice('Subject:'.length))).toBe(text);
  });

  it.each(samples.filter((text) => text !== ''))('%j comes back from a display name', (text) => {
    expect(decodeAddresses(` ${encodePhrase(text)} <a@b.vn>`)).toEqual([{ name: text, email: 'a@b.vn' }]);
    expect(decodeAddresses(encodeAddress({ name: text, email: 'a@b.vn' }))).toEqual([{ name: text, email: 'a@b.vn' }]);
  });

  it.each(samples)('%j comes back from a parameter', (text) => {
    const raw = ` a/b${encodeParameter('filename', text)}; x=1`;
    expect(raw).toMatch(/^[\x20-\x7e]*$/);
    expect(parseParameterized(raw).params).toEqual({ filename: text, x: '1' });
  });

  it('lets no line end through', () => {
    expect(encodeText('a\r\nBcc: x@y')).toBe('a Bcc: x@y');
    expect(encodeAddress({ name: 'a\r\nBcc: x', email: 'a@b>\r\nBcc: <x@y' })).not.toMatch(/[\r\n]/);
    expect(headerLine('X', 'a\r\n\r\nb')).toBe('X: a b\r\n');
  });
});

describe('decoded parts', () => {
  it('leaves multiparts and messages as they are stored', () => {
    const bytes = oddMessage('nested-forwards');
    const { root } = parseMessage(bytes);
    expect(decodePart(bytes, root).length).toBe(root.bodyEnd - root.bodyStart);
  });
});
