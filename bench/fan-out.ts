/** One message with a 5 MB file to 100 officials: time until visible to all, growth of the data folder. Usage: npx tsx bench/fan-out.ts */
import { createCipheriv } from 'node:crypto';
import { execFileSync } from 'node:child_process';

import { report, round, seconds } from './lib/figures.ts';
import { Imap } from './lib/imap.ts';
import { figuresOf } from './lib/proc.ts';
import { startServer } from './lib/server.ts';
import { Smtp } from './lib/smtp.ts';

const OFFICIALS = 100;
const FILE_BYTES = 5_000_000;

const server = await startServer({ officials: OFFICIALS });
const addresses = Array.from({ length: OFFICIALS }, (_, i) => `bench${String(i + 1).padStart(3, '0')}@caoson.gov.vn`);
// The imported officials have first passwords of their own; the demo's official watches through the same store.
const witness = server.accounts[0];
if (!witness) throw new Error('the demo has no accounts');
const imap = await Imap.open(server.ports.imaps, witness.address, witness.password);
const before = await imap.count();
const disk = () => Number(execFileSync('du', ['-s', '-B1', server.data], { encoding: 'utf8' }).split('\t')[0]);
const diskBefore = disk();
const raw = message();
const begun = performance.now();
const smtp = await Smtp.open(server.ports.smtp);
await smtp.send('sender@example.org', [...addresses, witness.address], raw);
const accepted = seconds(begun);
const seen = (await imap.count()) - before;
const visible = seconds(begun);
smtp.close();
imap.close();
const grown = disk() - diskBefore;
report({
  test: 'fan-out',
  recipients: OFFICIALS + 1,
  messageBytes: raw.length,
  acceptedSeconds: round(accepted, 3),
  visibleSeconds: round(visible, 3),
  seen,
  diskBytes: grown,
  copies: round(grown / raw.length, 3),
  ...figuresOf(server.pid),
});
await server.stop();

function message(): Buffer {
  const file = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(FILE_BYTES));
  const lines = file.toString('base64').replace(/.{76}/g, '$&\r\n');
  const head =
    'From: <sender@example.org>\r\nTo: <tatca@example.org>\r\nSubject: Cong van gui toan tinh\r\nMessage-ID: <fan-out@example.org>\r\nMIME-Version: 1.0\r\n';
  const body = `--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nKinh gui cac don vi.\r\n--b\r\nContent-Type: application/pdf; name="cv.pdf"\r\nContent-Disposition: attachment; filename="cv.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n--b--\r\n`;
  return Buffer.from(`${head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n${body}`);
}
