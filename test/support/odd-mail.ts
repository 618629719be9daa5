/** Messages as they really are, the way in, and what of them must come back. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { packageRoot } from '../../src/base/paths.ts';
import { oddMessages } from '../../src/message/testing/collection.ts';
import { dialogue } from '../../src/smtp/testing/dialogue.ts';

const corpus = join(packageRoot, '../shared/corpus');

/** Our own odd messages, and a collection from elsewhere where there is one; as they go over the wire. */
export function collected(): { name: string; wire: Buffer }[] {
  const ours = oddMessages().map(({ name, bytes }) => ({ name, wire: onTheWire(Buffer.from(bytes)) }));
  if (!existsSync(corpus)) return ours;
  const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((f) => /\.eml(\.gz)?$/.test(f));
  const read = (name: string) => {
    const bytes = readFileSync(join(corpus, name));
    return onTheWire(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  };
  return [...ours, ...files.map((name) => ({ name, wire: read(name) }))];
}

const onTheWire = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');

/** RFC 5321 §4.4: the last server takes out a Return-Path that came with the message, and writes its own. */
export function withoutReturnPath(message: Buffer): Buffer {
  const text = message.toString('latin1');
  const end = text.indexOf('\r\n\r\n') < 0 ? text.length : text.indexOf('\r\n\r\n') + 2;
  return Buffer.from(
    text.slice(0, end).replace(/^return-path[ \t]*:[^]*?\r\n(?![ \t])/gim, '') + text.slice(end),
    'latin1',
  );
}

/** One connection that delivers message after message. */
export async function smtpTalk(port: number) {
  const peer = await dialogue(port);
  await peer.hear();
  await peer.say('EHLO nowhere.test');
  return {
    async deliver(from: string, to: string, bytes: Buffer): Promise<string> {
      for (const line of [`MAIL FROM:<${from}> BODY=8BITMIME`, `RCPT TO:<${to}>`, 'DATA']) {
        const reply = await peer.say(line);
        if (!/^[23]/.test(reply)) {
          await peer.say('RSET');
          return reply;
        }
      }
      peer.write(Buffer.from(bytes.toString('latin1').replace(/^\./gm, '..'), 'latin1'));
      return peer.say('.');
    },
    end: () => peer.say('QUIT'),
  };
}
