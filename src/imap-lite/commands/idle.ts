/** IDLE (RFC 9051 §6.3.13). `C: a IDLE` — `S: + idling` — `S: * 4 EXISTS` — `C: DONE` — `S: a OK …`. */
import { bad } from '../errors.ts';
import { AUTHENTICATED, command, nothing, type Command } from './command.ts';

export const idle: Command = command({
  name: 'IDLE',
  states: AUTHENTICATED,
  parse: nothing,
  async run(session) {
    const { wire, out } = session;
    let telling: Promise<void> = Promise.resolve();
    let queued = false;
    // One telling at a time; whatever comes meanwhile is told by the one that waits.
    const tell = (): void => {
      if (queued) return;
      queued = true;
      telling = telling
        .then(async () => {
          queued = false;
          await session.tellNews(true);
          await out.flush();
        })
        .catch((error: unknown) => wire.interrupt(error instanceof Error ? error : new Error(String(error))));
    };
    out.raw('+ idling\r\n');
    await out.flush();
    wire.onChange = tell;
    tell();
    try {
      const line = await wire.readLine(100);
      if (line.toUpperCase() !== 'DONE') throw bad('expected DONE');
    } finally {
      wire.onChange = () => undefined;
      await telling;
    }
    return { text: 'idle is over' };
  },
});
