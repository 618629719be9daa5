/** Text as mail programs write it: transfer encodings, encoded words, Outlook's HTML. */

export const base64 = (bytes: Buffer): string =>
  bytes.toString('base64').replace(/.{76}/g, '$&\r\n').replace(/\r\n$/, '');

const hex = (octet: number) => octet.toString(16).toUpperCase().padStart(2, '0');

/** RFC 2045 §6.7. */
function quotedPrintable(text: string): string {
  const lines: string[] = [];
  for (const line of text.split('\r\n')) {
    let current = '';
    for (const octet of Buffer.from(line)) {
      const plain = (octet >= 33 && octet <= 126 && octet !== 61) || octet === 32;
      const coded = plain ? String.fromCharCode(octet) : `=${hex(octet)}`;
      if (current.length + coded.length > 75) {
        lines.push(`${current}=`);
        current = '';
      }
      current += coded;
    }
    lines.push(current.endsWith(' ') ? `${current.slice(0, -1)}=20` : current);
  }
  return lines.join('\r\n');
}

/** RFC 2047, in pieces of at most 42 octets that end between characters. */
export function encodedWords(text: string, encoding: 'B' | 'Q'): string {
  const pieces: string[] = [];
  let current = '';
  for (const character of text) {
    if (Buffer.byteLength(current + character) > 42) {
      pieces.push(current);
      current = '';
    }
    current += character;
  }
  if (current !== '') pieces.push(current);
  const q = (piece: string) =>
    Array.from(Buffer.from(piece), (octet) => {
      const character = String.fromCharCode(octet);
      return /[A-Za-z0-9]/.test(character) ? character : octet === 32 ? '_' : `=${hex(octet)}`;
    }).join('');
  return pieces
    .map((piece) =>
      encoding === 'B' ? `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=` : `=?utf-8?Q?${q(piece)}?=`,
    )
    .join('\r\n ');
}

/** A body part of text; lines that 8bit may not have (RFC 5322 §2.1.1) are quoted. */
export function textPart(type: string, text: string, wanted: string): string {
  const tooLong = wanted === '8bit' && text.split('\r\n').some((line) => Buffer.byteLength(line) > 990);
  const encoding = tooLong ? 'quoted-printable' : wanted;
  const body =
    encoding === 'base64' ? base64(Buffer.from(text)) : encoding === 'quoted-printable' ? quotedPrintable(text) : text;
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n`;
}

const entities = (text: string) => text.replace(/[\u0080-\uffff]/g, (unit) => `&#${unit.charCodeAt(0)};`);

const OUTLOOK_STYLE = Array.from(
  { length: 40 },
  (_, i) =>
    `p.MsoNormal${i}, li.MsoNormal${i}, div.MsoNormal${i} {margin:0cm; margin-bottom:.0001pt; font-size:13.0pt; font-family:"Times New Roman",serif; mso-fareast-language:EN-US;}`,
).join('\r\n');

export function html(paragraphs: readonly string[], look: { outlook: boolean; entities: boolean }): string {
  const escaped = (text: string) => {
    const safe = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
    return (look.entities ? entities(safe) : safe).replace(/\r\n/g, '<br>');
  };
  const head = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style>${look.outlook ? OUTLOOK_STYLE : 'p{font:14px Arial}'}</style></head><body lang="VI" link="blue">\r\n`;
  const body = paragraphs.map(
    (text) =>
      `<p class="MsoNormal0" style="text-align:justify;text-indent:28.35pt;line-height:120%"><span style="font-size:13.0pt;line-height:120%;color:black">${escaped(text)}</span></p>`,
  );
  return `${head}${body.join('\r\n')}\r\n</body></html>\r\n`;
}

/** A PDF that opens, its one stream being noise. */
export function pdfOf(noise: Buffer): Buffer {
  const objects =
    '1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n';
  const head = `%PDF-1.5\n%\xb5\xed\xae\xfb\n${objects}3 0 obj\n<< /Length ${noise.length} /Filter /FlateDecode >>\nstream\n`;
  const tail = '\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n';
  return Buffer.concat([Buffer.from(head, 'latin1'), noise, Buffer.from(tail)]);
}
