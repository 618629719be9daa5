/**
 * COMPRESS (RFC 4978 §3). `C: a COMPRESS DEFLATE` — `S: a OK …`, then both directions are compressed. After sign-in only, so
 * that no password is ever compressed beside what a stranger chose.
 */
import { bad, no } from '../errors.ts';
import { expectSpace, word } from '../wire/cursor.ts';
import { AUTHENTICATED, command, looksForNothing, type Command } from './command.ts';

export const compress: Command = command({
  name: 'COMPRESS',
  states: AUTHENTICATED,
  looksForMail: looksForNothing,
  parse(c) {
    expectSpace(c);
    if (!word(c, 'DEFLATE')) c.fail('DEFLATE');
  },
  async run(session) {
    const { wire, out } = session;
    if (wire.compressing) throw no('compression is on already', 'COMPRESSIONACTIVE');
    // RFC 4978 §3: the client sends nothing until it has the answer; we could not tell what is compressed.
    if (wire.readAhead) throw bad('wait for the answer to COMPRESS');
    await session.tellNews(true);
    out.line(`${session.tag} OK compressed from here`);
    await out.flush();
    wire.startDeflate();
    return { text: '' };
  },
});
