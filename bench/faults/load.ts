/** Mixed work until the connection dies: mail comes in, goes out, is put, flagged, moved and removed. */
import { sha256 } from '../../src/base/bytes.ts';
import { noise, noiseText } from '../../src/blobs/testing/noise.ts';
import { Gone, openImap, openSmtp } from './client.ts';
import type { Item, Ledger, Place } from './ledger.ts';

export type Kind = 'in' | 'out' | 'imap';

export interface Target {
  ports: { smtp: number; submission: number; imaps: number };
  addresses: readonly string[];
  password: string;
  remote: string;
  random: () => number;
  nextId: () => string;
  /** Counts whatever the server acknowledged: mail that came in, that goes out, or a client's own doing. */
  acknowledged: (kind: Kind) => void;
}

/** Ends with the server. */
export async function load(target: Target, ledger: Ledger): Promise<void> {
  const { addresses } = target;
  await Promise.all([
    ...Array.from({ length: 3 }, () => untilGone(() => comeIn(target, ledger))),
    ...addresses.map((address) => untilGone(() => goOut(target, ledger, address))),
    ...addresses.map((address) => untilGone(() => work(target, ledger, address))),
  ]);
}

async function untilGone(job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
  }
}

/** What several messages bring: small files in rows, large ones in the folder. */
const FILES = [2_500, 40_000, 150_000, 400_000].map((size, i) =>
  noise(size, i)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n'),
);
/** Too much for a row, however it is packed. */
const LONG = noiseText(190_000);

function message(target: Target, id: string, from: string): string {
  const head = `From: ${from}\r\nTo: nhan@caoson.gov.vn\r\nSubject: ${id}\r\nMessage-ID: <${id}>\r\n`;
  const text = `Nội dung ngắn của ${id}.\r\n`.repeat(20);
  const kind = target.random();
  if (kind < 0.06) return `${head}\r\n${LONG}\r\n`;
  if (kind > 0.25) return `${head}\r\n${text}`;
  const file = FILES[Math.floor(target.random() * FILES.length)] ?? '';
  const part = 'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n';
  return `${head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n${text}\r\n--x\r\n${part}Content-Transfer-Encoding: base64\r\n\r\n${file}\r\n--x--\r\n`;
}

/** SHA-256 of what lies below the header, to which servers on the way add. @param message one character an octet */
export const bodyOf = (message: string): string =>
  sha256(Buffer.from(message.slice(message.indexOf('\r\n\r\n')).trim(), 'latin1'));

/** A sending server: what was not acknowledged comes again, as RFC 5321 §4.2.5 and §6.1 have it. */
async function comeIn(target: Target, ledger: Ledger): Promise<void> {
  const smtp = await openSmtp(target.ports.smtp);
  for (;;) {
    const letter = ledger.owed.pop() ?? { id: target.nextId(), tries: 0, acknowledged: false, remote: false };
    ledger.letters.set(letter.id, letter);
    letter.tries++;
    try {
      await smtp.send('ngoai@example.org', target.addresses, message(target, letter.id, 'ngoai@example.org'));
      letter.acknowledged = true;
      target.acknowledged('in');
    } finally {
      if (!letter.acknowledged) ledger.owed.push(letter);
    }
  }
}

/** A mail program: to someone elsewhere and to everyone here; never tried twice. */
async function goOut(target: Target, ledger: Ledger, from: string): Promise<void> {
  const smtp = await openSmtp(target.ports.submission, { user: from, password: target.password });
  for (;;) {
    const id = target.nextId();
    const text = message(target, id, from);
    const letter = {
      id,
      tries: 1,
      acknowledged: false,
      remote: true,
      body: bodyOf(Buffer.from(text).toString('latin1')),
    };
    ledger.letters.set(id, letter);
    await smtp.send(from, [target.remote, ...target.addresses], text);
    letter.acknowledged = true;
    target.acknowledged('out');
  }
}

/** A client on its own two mailboxes. */
async function work(target: Target, ledger: Ledger, address: string): Promise<void> {
  const imap = await openImap(target.ports.imaps, address, target.password);
  const items = ledger.itemsOf(address);
  let selected: Place = 'none';
  const select = async (place: Place) => {
    if (selected !== place) await imap.run(`SELECT ${place}`);
    selected = place;
  };
  const intend = (item: Item, change: Partial<Item>) => {
    item.maybe = { place: item.place, flagged: item.flagged, ...change };
  };
  const done = (item: Item, change: Partial<Item>) => {
    Object.assign(item, change);
    delete item.maybe;
    if (item.place !== 'none') ledger.uid(address, item.place, item.uid, item.id);
    target.acknowledged('imap');
  };
  for (;;) {
    const item = pick(target, items);
    const dice = target.random();
    if (!item || dice < 0.4) {
      const fresh: Item = { id: target.nextId(), place: 'none', uid: 0, flagged: false };
      items.set(fresh.id, fresh);
      intend(fresh, { place: 'Kho' });
      const bytes = Buffer.from(message(target, fresh.id, address));
      const answer = await imap.run(`APPEND Kho {${bytes.length}+}\r\n${bytes.toString('latin1')}`);
      done(fresh, { place: 'Kho', uid: Number(/APPENDUID \d+ (\d+)/.exec(answer.join(' '))?.[1]) });
    } else if (dice < 0.6) {
      await select(item.place);
      intend(item, { flagged: !item.flagged });
      await imap.run(`UID STORE ${item.uid} ${item.flagged ? '-' : '+'}FLAGS (\\Flagged)`);
      done(item, { flagged: !item.flagged });
    } else if (dice < 0.85) {
      const place = item.place === 'Kho' ? 'Xong' : 'Kho';
      await select(item.place);
      intend(item, { place });
      const answer = await imap.run(`UID MOVE ${item.uid} ${place}`);
      done(item, { place, uid: Number(/COPYUID \d+ \d+ (\d+)/.exec(answer.join(' '))?.[1]) });
    } else {
      await select(item.place);
      await imap.run(`UID STORE ${item.uid} +FLAGS (\\Deleted)`);
      intend(item, { place: 'none' });
      await imap.run(`UID EXPUNGE ${item.uid}`);
      done(item, { place: 'none', uid: 0 });
    }
  }
}

function pick(target: Target, items: Map<string, Item>): Item | undefined {
  const there = [...items.values()].filter(({ place }) => place !== 'none');
  return there[Math.floor(target.random() * there.length)];
}
