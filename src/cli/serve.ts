import type { Command } from 'commander';

import { start } from '../main.ts';
import { InstallationError } from '../installation.ts';
import { openParts, type Parts } from '../parts.ts';
import { dkimPublicKeys } from '../smtp/dkim.ts';
import { configOf, type GlobalOptions } from './with-parts.ts';

export function serveCommand(program: Command, options: () => GlobalOptions): void {
  program
    .command('serve')
    .description('run the server until SIGTERM or SIGINT')
    .action(async () => {
      const parts = await openParts(configOf(options()), { onLost: stopFailed });
      await expectComplete(parts);
      const running = await start(parts);
      process.on('SIGHUP', () => void running.renewTls());
      stopOnSignal(running.stop);
    });
}

/** Better no server than one whose mail goes out unsigned. */
async function expectComplete(parts: Parts): Promise<void> {
  const { domain } = parts.directory;
  try {
    if (!(await parts.signing.certificationKey()))
      throw new InstallationError(`the installation is not complete: run "congvu init --domain ${domain}" again`);
    if ((await dkimPublicKeys(parts.secrets, domain)).length === 0)
      throw new InstallationError(
        `there are no DKIM keys of ${domain}: is [directory] domain what "congvu init" was given?`,
      );
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** Only a new start reads anew what the disk has: systemd makes it. */
function stopFailed(): void {
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}

/** The first signal stops cleanly, the second at once. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(process.exitCode ?? 0),
      (error: unknown) => {
        process.stderr.write(`congvu: stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
