/**
 * One message of the mailbox. The draws follow one order that nobody may change: figures of different days are of the same mail
 * only as long as a seed gives the same octets.
 */
import type { Dice } from './dice.ts';
import { base64, encodedWords, html, pdfOf, textPart } from './mime.ts';
import { CLOSINGS, DECOY, PHRASE, RARE, TASKS } from './words.ts';

export interface Person {
  name: string;
  office: string;
  address: string;
}
export interface Sent {
  id: string;
  subject: string;
  references: string[];
  quote: string;
}
export type Form = 'plain' | 'alt' | 'html' | 'pdf' | 'related';

export interface World {
  dice: Dice;
  people: readonly Person[];
  logo: Buffer;
  /** Of the last messages: replies answer them, and the same file is sent again. */
  sent: Sent[];
  pdfs: Buffer[];
}
export interface Made {
  bytes: Buffer;
  form: Form;
  sent: Sent;
}

const domainOf = ({ address }: Person) => address.split('@')[1] ?? '';
const rfcDate = (when: Date) => when.toUTCString().replace('GMT', '+0000');

export function makeMessage(world: World, number: number, when: Date): Made {
  const { dice } = world;
  const from = dice.pick(world.people);
  const to = dice.pick(world.people);
  const id = `<${dice.noise(9).toString('hex')}.${number}@${domainOf(from)}>`;
  const answered = number > 50 && dice.chance(0.4) ? recent(world) : undefined;
  const subject = answered
    ? `Re: ${answered.subject.replace(/^Re: /, '')}`
    : dice.fill(`V/v ${dice.pick(TASKS)} ({s})`);
  const place = number % 2000;
  const { nfd, entities } = { nfd: place === 37, entities: place === 137 };
  const paragraphs = paragraphsOf(dice, number, from, to);
  let text = `${paragraphs.join('\r\n\r\n')}\r\n`;
  if (answered) {
    const quoted = answered.quote.split('\r\n').map((line) => `> ${line}`);
    text += `\r\nVào ${when.toISOString().slice(0, 10)}, ${to.name} đã viết:\r\n${quoted.join('\r\n')}\r\n`;
  }
  if (nfd) text = text.normalize('NFD');
  const form = entities ? 'html' : formOf(dice);
  const outlook = dice.chance(0.5);
  const written = nfd ? paragraphs.map((one) => one.normalize('NFD')) : paragraphs;
  const rich = form === 'plain' ? '' : html(written, { outlook, entities });
  const coding = dice.pick(['base64', 'quoted-printable', 'quoted-printable', '8bit']);
  const words = dice.pick(['B', 'B', 'Q'] as const);
  const header = headerOf(world, { from, to, subject, id, when, words, outlook, answered });
  const body = bodyOf(world, form, { text, rich, coding });
  const quote = paragraphs.slice(0, 3).filter((one) => !one.includes(PHRASE) && !one.includes(RARE));
  return {
    bytes: Buffer.from(header + body),
    form,
    sent: { id, subject, references: threadOf(answered), quote: quote.join('\r\n').slice(0, 1500) },
  };
}

const threadOf = (answered: Sent | undefined) => (answered ? [...answered.references, answered.id].slice(-10) : []);

function recent({ dice, sent }: World): Sent | undefined {
  return sent[sent.length - 1 - dice.between(0, Math.min(49, sent.length - 1))];
}

function formOf({ random }: Dice): Form {
  if (random() < 0.35) return 'plain';
  const x = random() * 0.65;
  return x < 0.3 ? 'alt' : x < 0.4 ? 'html' : x < 0.6 ? 'pdf' : 'related';
}

function paragraphsOf(dice: Dice, number: number, from: Person, to: Person): string[] {
  const paragraphs = [
    `Kính gửi: ${to.name} - ${to.office},`,
    ...Array.from({ length: dice.between(1, 8) }, dice.paragraph),
  ];
  const ofHundred = number % 100;
  if (ofHundred === 37) {
    const road = dice.between(100, 999);
    const sentence = `Về công tác bồi thường, hỗ trợ tái định cư và ${PHRASE} dự án đường tỉnh ${road}, đề nghị đẩy nhanh tiến độ.`;
    paragraphs.splice(2, 0, sentence);
  }
  if (ofHundred === 61 || ofHundred === 62) paragraphs.splice(2, 0, DECOY);
  if (number % 4000 === 1234) paragraphs.splice(1, 0, `Hồ sơ ${RARE}, tờ bản đồ số 12.`);
  paragraphs.push(dice.pick(CLOSINGS));
  paragraphs.push(`${from.name}\r\n${from.office}\r\nĐiện thoại: 0${dice.between(200000000, 299999999)}`);
  return paragraphs;
}

interface Head {
  from: Person;
  to: Person;
  subject: string;
  id: string;
  when: Date;
  words: 'B' | 'Q';
  outlook: boolean;
  answered: Sent | undefined;
}

function headerOf(world: World, head: Head): string {
  const { dice, people } = world;
  const { from, to, when, words, answered } = head;
  const domain = domainOf(from);
  const named = ({ name, address }: Person) => `${encodedWords(name, words)} <${address}>`;
  const received = Array.from({ length: dice.between(1, 4) }, (_, hop) => {
    const host = `mx${hop}.${domain}`;
    const address = [dice.between(0, 255), dice.between(0, 255), dice.between(1, 254)].join('.');
    const queue = dice.noise(6).toString('hex').toUpperCase();
    return `Received: from ${host} (${host} [10.${address}])\r\n\tby mail.tinh.gov.vn (Postfix) with ESMTPS id ${queue}\r\n\tfor <${to.address}>; ${rfcDate(when)}\r\n`;
  });
  let text = `Return-Path: <${from.address}>\r\n${received.join('')}`;
  if (dice.chance(0.6)) {
    const bodyHash = dice.noise(32).toString('base64');
    const signature = base64(dice.noise(256)).replace(/\r\n/g, '\r\n\t');
    text += `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain};\r\n\ts=mail; t=${Math.floor(when.getTime() / 1000)}; h=From:To:Subject:Date;\r\n\tbh=${bodyHash};\r\n\tb=${signature}\r\n`;
  }
  text += `From: ${named(from)}\r\nTo: ${named(to)}\r\n`;
  if (dice.chance(0.3)) {
    const copies = Array.from({ length: dice.between(1, 12) }, () => named(dice.pick(people)));
    text += `Cc: ${copies.join(',\r\n ')}\r\n`;
  }
  text += `Subject: ${encodedWords(head.subject, words)}\r\nDate: ${rfcDate(when)}\r\nMessage-ID: ${head.id}\r\n`;
  if (answered) text += `In-Reply-To: ${answered.id}\r\nReferences: ${threadOf(answered).join('\r\n ')}\r\n`;
  return `${text}MIME-Version: 1.0\r\nX-Mailer: ${head.outlook ? 'Microsoft Outlook 16.0' : 'Zimbra 8.8.15_GA_4717'}\r\n`;
}

interface Content {
  text: string;
  rich: string;
  coding: string;
}

function bodyOf(world: World, form: Form, content: Content): string {
  const { text, rich, coding } = content;
  switch (form) {
    case 'plain':
      return textPart('text/plain', text, coding);
    case 'html':
      return textPart('text/html', rich, coding);
    case 'alt':
      return alternative(world, content);
    case 'related':
      return related(world, content);
    case 'pdf':
      return withFiles(world, content);
  }
}

const boundaryOf = ({ dice }: World, name: string) => `----=_${name}_${dice.noise(8).toString('hex')}`;

function alternative(world: World, { text, rich, coding }: Content): string {
  const boundary = boundaryOf(world, 'alt');
  const parts = [textPart('text/plain', text, coding), textPart('text/html', rich, coding)];
  return `Content-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n${parts.map((part) => `--${boundary}\r\n${part}`).join('')}--${boundary}--\r\n`;
}

function related(world: World, { rich, coding }: Content): string {
  const boundary = boundaryOf(world, 'rel');
  const page = textPart('text/html', rich.replace('</body>', '<img src="cid:logo@tinh"></body>'), coding);
  const image = `Content-Type: image/png; name="quoc-huy.png"\r\nContent-ID: <logo@tinh>\r\nContent-Disposition: inline; filename="quoc-huy.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(world.logo)}\r\n`;
  return `Content-Type: multipart/related; boundary="${boundary}"\r\n\r\n--${boundary}\r\n${page}--${boundary}\r\n${image}--${boundary}--\r\n`;
}

function withFiles(world: World, content: Content): string {
  const { dice } = world;
  const boundary = boundaryOf(world, 'mix');
  let body = `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\n${alternative(world, content)}`;
  for (let left = dice.chance(0.8) ? 1 : dice.between(2, 3); left > 0; left--) {
    const file = fileOf(world);
    const name = `Công văn ${dice.between(1, 4999)}-UBND.pdf`;
    const word = encodedWords(name, 'B').replace(/\r\n/g, '');
    body += `--${boundary}\r\nContent-Type: application/pdf; name="${word}"\r\nContent-Disposition: attachment;\r\n filename*=UTF-8''${encodeURIComponent(name)}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(file)}\r\n`;
  }
  return `${body}--${boundary}--\r\n`;
}

/** 10 to 500 KB, small ones more often; of seven one was sent before. */
function fileOf({ dice, pdfs }: World): Buffer {
  if (pdfs.length > 10 && dice.chance(0.15)) return dice.pick(pdfs);
  const length = Math.floor(10240 * Math.exp(dice.random() * Math.log(50)));
  const file = pdfOf(dice.noise(Math.max(1, length - 400)));
  pdfs.push(file);
  if (pdfs.length > 300) pdfs.shift();
  return file;
}
