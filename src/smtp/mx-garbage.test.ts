import { afterEach, describe, expect, it } from 'vitest';

import { random as seeded } from '../base/testing/random.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';
import { inbox, openData, talk } from './testing/visitor.ts';

let servers: SmtpServers;
afterEach(() => servers.dispose());

describe('garbage', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('never stops the server (seed %i)', async (seed) => {
    servers = await smtpServers({ mx: { perAddress: { connections: 100, connectionsPerMinute: 1000 } } });
    const { int: random } = seeded(seed);
    const words = [
      'EHLO x',
      'HELO',
      'MAIL FROM:',
      '<a@b.c>',
      'RCPT TO:',
      `<${servers.people.hung.address}>`,
      'DATA',
      '.',
      'RSET',
      'NOOP',
      'SIZE=',
      '=',
      'BODY=8BITMIME',
      'SMTPUTF8',
      '\u0000',
      'é',
      '<',
      '>',
      '@',
      '..',
      ' ',
      '\t',
      'RET=FULL',
      'ENVID=+',
      'VRFY',
      'HELP',
      '99999999999999999999',
      '"',
      '\\',
      '[1.2.3.4]',
      'IPv6:',
    ];
    const lines = Array.from({ length: 60 }, () =>
      Array.from({ length: random(6) }, () => words[random(words.length)] ?? '').join(random(2) ? ' ' : ''),
    );
    const peer = await talk(servers);
    peer.write(
      Buffer.from(lines.map((line) => line + (['\r\n', '\n', '\r\n', '\r'][random(4)] ?? '')).join(''), 'utf8'),
    );
    peer.write(Buffer.from(Array.from({ length: 500 }, () => random(256))));
    setTimeout(() => peer.close(), 150);
    await peer.rest();
    const next = await openData(servers);
    next.write('From: lan@bo.example\r\n\r\nstill here\r\n.\r\n');
    expect(await next.hear()).toMatch(/^250/);
    expect((await inbox(servers)).at(-1)).toContain('still here');
  });
});
