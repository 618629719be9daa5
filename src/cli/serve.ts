import type { Command } from 'commander';

import { start } from '../main.ts';
import { openParts } from '../parts.ts';
import { configOf, type GlobalOptions } from './with-parts.ts';

export function serveCommand(program: Command, options: () => GlobalOptions): void {
  program
    .command('serve')
    .description('run the server until SIGTERM or SIGINT')
    .action(async () => {
      const running = await start(await openParts(configOf(options())));
      stopOnSignal(running.stop);
    });
}

/** The first signal stops cleanly, the second at once. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`congvu: stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
