import { pino, type Logger } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { child(bindings: object): Log };

/** One JSON line per event on standard error; secrets never enter, and these names are blanked if they do. */
export function createLog(level: string, stream: NodeJS.WritableStream = process.stderr): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['password', '*.password', 'passphrase', 'token', 'authorization', '*.secret'],
    },
    stream,
  );
}

export const silentLog: Log = pino({ level: 'silent' });
