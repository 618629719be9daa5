/** What a client sees after the restart. */
import { openImap, type ImapClient } from './client.ts';
import type { Seen } from './ledger.ts';

export async function mailbox(imap: ImapClient, name: string): Promise<Seen> {
  const opened = (await imap.run(`SELECT ${name} (CONDSTORE)`)).join('\n');
  const number = (word: string) => Number(new RegExp(`${word} (\\d+)`).exec(opened)?.[1] ?? NaN);
  const messages: Seen['messages'] = [];
  if (/\* [1-9]\d* EXISTS/.test(opened)) {
    const text = (await imap.run('UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])')).join('\n');
    for (const one of text.split(/^\* \d+ FETCH /m).slice(1)) {
      const uid = Number(/UID (\d+)/.exec(one)?.[1]);
      const id = /Message-ID: <([^>]+)>/i.exec(one)?.[1] ?? '?';
      messages.push({ uid, id, flagged: /FLAGS \([^)]*\\Flagged/.test(one) });
    }
  }
  return {
    uidValidity: number('UIDVALIDITY'),
    uidNext: number('UIDNEXT'),
    highestModseq: number('HIGHESTMODSEQ'),
    messages,
  };
}

export async function open<T>(
  { port, address, password }: { port: number; address: string; password: string },
  work: (imap: ImapClient) => Promise<T>,
): Promise<T> {
  const imap = await openImap(port, address, password);
  try {
    return await work(imap);
  } finally {
    imap.close();
  }
}
