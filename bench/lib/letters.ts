/** Single letters for the drivers that send: each differs from every other, in text and files. */
import { diceOf, type Dice } from './mailbox/dice.ts';
import { base64, textPart } from './mailbox/mime.ts';

let letters = 0;

/** Of about `size` octets: up to 20 KB all text, larger ones 8 KB of text and a file of noise. Ends with CRLF, no line begins with a dot. */
export function letter(size: number, to: string): Buffer {
  const number = ++letters;
  const dice = diceOf(number);
  const head = [
    'From: Sender <sender@ngoai.test>',
    `To: <${to}>`,
    `Subject: V/v bao cao so ${number}`,
    'Date: Sun, 22 Nov 2026 09:00:00 +0700',
    `Message-ID: <${number}.${process.pid}.${Date.now()}@ngoai.test>`,
    'MIME-Version: 1.0\r\n',
  ].join('\r\n');
  if (size <= 20_000) return Buffer.from(head + textPart('text/plain', textOf(dice, size - 450), '8bit'));
  // Base64 in lines of 76 makes 78 octets of 57.
  const file = dice.noise(Math.round(((size - 9000) * 57) / 78));
  return withFile(head, textOf(dice, 8000), file);
}

/** A letter with one file, as a records office sends it to everybody. */
export function letterWithFile(text: string, fileBytes: number): Buffer {
  const id = `${++letters}.${process.pid}.${Date.now()}`;
  const head = `From: <vanthu@ngoai.test>\r\nTo: <tatca@ngoai.test>\r\nSubject: Cong van gui toan tinh\r\nMessage-ID: <${id}@ngoai.test>\r\nMIME-Version: 1.0\r\n`;
  return withFile(head, text, diceOf(Date.now() % 2 ** 31).noise(fileBytes));
}

function withFile(head: string, text: string, file: Buffer): Buffer {
  const attached =
    'Content-Type: application/pdf; name="cv.pdf"\r\nContent-Disposition: attachment; filename="cv.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const parts = `--b\r\n${textPart('text/plain', text, '8bit')}--b\r\n${attached}${base64(file)}\r\n--b--\r\n`;
  return Buffer.from(`${head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n${parts}`);
}

/** Paragraphs of a few sentences; no line is longer than SMTP takes (RFC 5321 §4.5.3.1.6). */
function textOf(dice: Dice, octets: number): string {
  const lines: string[] = [];
  for (let length = 0; length < octets;) {
    for (const line of dice.paragraph().split(/(?<=\.) /)) {
      lines.push(line);
      length += Buffer.byteLength(line) + 2;
    }
    lines.push('');
  }
  return lines.join('\r\n');
}
