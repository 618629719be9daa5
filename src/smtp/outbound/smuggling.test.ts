/** What we relay carries one message to its recipients, whatever it says: RFC 5321 §2.3.8, §4.5.2. */
import { describe, expect, it } from 'vitest';

import { random } from '../../base/testing/random.ts';
import type { Envelope } from '../../delivery/types.ts';
import { selfSigned } from '../../base/self-signed.ts';
import { WayOut } from '../testing/outbound.ts';

const way = new WayOut();
const HEAD = 'Subject: x\r\n\r\n';
async function relay(text: string, envelope: Partial<Envelope> = {}): Promise<void> {
  const { hung } = way.world.people;
  const message = await way.world.mailstore.prepare(Buffer.from(`From: ${hung.address}\r\n${HEAD}${text}`, 'latin1'));
  const whole = { mailFrom: hung.address, rcptTo: [{ address: 'ban@bo.example' }], ...envelope };
  await way.world.delivery.send(message, whole, { ...hung, sentCopy: 'exists' });
  await way.run();
}
const bodyOf = (data = ''): string => data.slice(data.indexOf('\r\n\r\n') + 4);

describe('a message on its way out', () => {
  it('is one message, octet by octet, whatever lines of dots and commands are in it', async () => {
    const peer = await way.start();
    const { pick, int } = random(51764);
    const inside = 'MAIL FROM:<evil@x.example>\r\nRCPT TO:<a@bo.example>\r\nDATA\r\n';
    const words = ['.', '..', '\r\n', '\r\n.', '\r\n.\r\n', '\r\n..\r\n', 'x', '\0', '\x85', inside];
    for (let round = 0; round < 30; round++) {
      const text = `${Array.from({ length: int(30) }, () => pick(words)).join('')}${pick(['', '.', '\r\n.'])}`;
      await relay(text);
      expect(peer.taken.length, JSON.stringify(text)).toBe(round + 1);
      // A line's end is added when the last one has none.
      const whole = text === '' || text.endsWith('\n') ? text : `${text}\r\n`;
      expect(bodyOf(peer.taken.at(-1)?.data), JSON.stringify(text)).toBe(whole);
    }
    expect(peer.heard.some((line) => line.includes('evil'))).toBe(false);
  });

  it.each(['\n.\n', '\r.\r', '\r\n.\n', '\r\n.\r', '\n.\r\n', '\r\r\n.\r\n', '\n'])(
    'is refused with %j within',
    async (end) => {
      const peer = await way.start();
      await expect(relay(`x${end}RCPT TO:<evil@x.example>\r\n`)).rejects.toMatchObject({ code: 'message.line_ends' });
      expect(peer.heard).toEqual([]);
    },
  );

  it.each<[string, Partial<Envelope>]>([
    ['an identifier', { envId: 'a\r\nRCPT TO:<evil@x.example>' }],
    ['a recipient', { rcptTo: [{ address: 'ban@bo.example>\r\nRCPT TO:<evil@x.example' }] }],
    ['a parameter within a recipient', { rcptTo: [{ address: 'ban@bo.example> NOTIFY=NEVER <evil@bo.example' }] }],
    [
      'an original recipient',
      { rcptTo: [{ address: 'ban@bo.example', orcpt: 'rfc822;a\r\nRCPT TO:<evil@x.example>' }] },
    ],
    ['a wish for reports', { rcptTo: [{ address: 'ban@bo.example', notify: 'NEVER\r\nRCPT TO:<evil@x.example>' }] }],
  ])('brings no command of its own by %s', async (_, envelope) => {
    const peer = await way.start({ peer: { offers: ['DSN', 'SMTPUTF8', 'SIZE 1000000'] } });
    // Refused by us, or written so that it is a word of the command that it belongs to.
    await relay('x\r\n', envelope).catch(() => undefined);
    for (const line of peer.heard) {
      expect(line).toMatch(/^(EHLO|MAIL FROM:<|RCPT TO:<ban@bo\.example>|DATA|RSET|QUIT)/);
      expect(line).not.toMatch(/[\r\n]| <evil/);
    }
  });

  it('believes nothing that a peer says in the clear behind its answer to STARTTLS', async () => {
    const tls = await selfSigned(['mx.bo.example'], Date.now());
    const words = '220 go\r\n250-mx.bo.example\r\n250 SMTPUTF8\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken';
    const peer = await way.start({
      peer: { tls, answer: (step) => (step === 'starttls' ? words : step === 'dot' ? '550 5.7.1 No' : undefined) },
    });
    await relay('x\r\n');
    expect(peer.taken).toEqual([]);
    expect(await way.states()).toEqual([['ban@bo.example', 'failed', 1]]);
  });
});
