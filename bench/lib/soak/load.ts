/** The load: senders, mail programs that work, mail programs that wait, a web client that asks. Each counts what it did. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Dice } from '../mailbox/dice.ts';
import { letter } from '../letters.ts';
import { Imap } from '../imap.ts';
import type { Ours } from '../ours.ts';
import { Smtp } from '../smtp.ts';
import type { Ledger } from './ledger.ts';

export interface Soak {
  server: Ours;
  ledger: Ledger;
  officials: number;
  running(): boolean;
  /** By kind of work. */
  done: Map<string, number>;
  /** What the server refused or dropped, in words. */
  failed: Map<string, number>;
}

export function count(into: Map<string, number>, what: string, by = 1): void {
  into.set(what, (into.get(what) ?? 0) + by);
}

/** A letter whose Message-ID carries its number in the ledger. */
export function numbered(id: string, size: number, to: string): Buffer {
  const raw = letter(size, to).toString('utf8');
  return Buffer.from(raw.replace(/^Message-ID: .*$/m, `Message-ID: <${id}@soak.test>`));
}

/** Sends until `running` ends or `most` were sent, at most so many a second; now and then on a new connection. */
export async function send(soak: Soak, dice: Dice, perSecond: number, next: () => boolean): Promise<void> {
  let smtp: Smtp | undefined;
  const began = performance.now();
  for (let sent = 0; next(); sent++) {
    const ahead = (sent / perSecond) * 1000 - (performance.now() - began);
    if (ahead > 0) await sleep(ahead);
    const official = dice.between(1, soak.officials);
    const to = soak.server.official(official).address;
    const id = soak.ledger.newId();
    const size = dice.chance(0.1) ? 102_400 : dice.between(2000, 20_000);
    try {
      smtp ??= await Smtp.open(soak.server.ports.smtp);
      await smtp.send('sender@ngoai.test', [to], numbered(id, size, to));
      soak.ledger.put(id, official);
      count(soak.done, 'deliveries');
    } catch (error) {
      soak.ledger.perhaps(id, official);
      count(soak.failed, `delivery: ${String(error)}`);
      smtp?.close();
      smtp = undefined;
      await sleep(500);
    }
    if (dice.chance(0.05)) {
      smtp?.close();
      smtp = undefined;
    }
  }
  smtp?.close();
}

/** Waits in IDLE and says so again before the server grows tired (RFC 2177: every 29 minutes). */
export async function wait(soak: Soak, official: number): Promise<void> {
  while (soak.running()) {
    let imap: Imap | undefined;
    try {
      imap = await Imap.open({ imaps: soak.server.ports.imaps }, soak.server.official(official));
      imap.onUntagged = (head) => {
        if (/^\* \d+ EXISTS/.test(head)) count(soak.done, 'notices');
      };
      await imap.run('SELECT INBOX');
      count(soak.done, 'waiting connections');
      while (soak.running()) {
        const leave = await imap.idle();
        for (let s = 0; s < 600 && soak.running(); s++) await sleep(1000);
        await leave();
      }
    } catch (error) {
      count(soak.failed, `waiting: ${String(error)}`);
      await sleep(1000);
    } finally {
      imap?.close();
    }
  }
}

const QUERIES = ['báo cáo', 'giải quyết', 'thủ tục hành chính', 'phong chong thien tai', 'Kho bạc Nhà nước'];

/** What the web client asks: a page of the mailbox, now and then words. */
export async function ask(soak: Soak, dice: Dice): Promise<void> {
  while (soak.running()) {
    const { address, password } = soak.server.official(dice.between(1, soak.officials));
    const headers = {
      authorization: `Basic ${Buffer.from(`${address}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    };
    const at = (path: string) => `http://127.0.0.1:${soak.server.http}${path}`;
    try {
      const session: unknown = await (await fetch(at('/jmap/session'), { headers })).json();
      const accountId = Object.values(primaryAccounts(session))[0];
      const filter = dice.chance(0.5) ? { text: dice.pick(QUERIES) } : {};
      const query = { accountId, filter, sort: [{ property: 'receivedAt', isAscending: false }], limit: 50 };
      const ids = { resultOf: 'q', name: 'Email/query', path: '/ids' };
      const body = JSON.stringify({
        using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'],
        methodCalls: [
          ['Email/query', query, 'q'],
          ['Email/get', { accountId, '#ids': ids, properties: ['subject', 'from', 'preview', 'keywords'] }, 'g'],
        ],
      });
      const answer = await fetch(at('/jmap/api'), { method: 'POST', headers, body });
      const text = await answer.text();
      if (!answer.ok || text.includes('"error"')) throw new Error(`${answer.status} ${text.slice(0, 200)}`);
      count(soak.done, 'JMAP queries');
    } catch (error) {
      count(soak.failed, `JMAP: ${String(error)}`);
      await sleep(500);
    }
    await sleep(dice.between(50, 400));
  }
}

function primaryAccounts(session: unknown): Record<string, string> {
  if (typeof session !== 'object' || session === null || !('primaryAccounts' in session))
    throw new Error(`no session: ${JSON.stringify(session).slice(0, 200)}`);
  return session.primaryAccounts as Record<string, string>;
}
