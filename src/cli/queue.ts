import { InvalidArgumentError, type Command } from 'commander';

import type { WithParts } from './with-parts.ts';

export function queueCommands(program: Command, withParts: WithParts): void {
  const queue = program.command('queue').description('mail on its way out');
  queue
    .command('list', { isDefault: true })
    .description('who waits for what, oldest first')
    .option('--json')
    .option('--all', 'also what is done')
    .action(async ({ json = false, all = false }: { json?: boolean; all?: boolean }) => {
      const rows = await withParts((parts) =>
        parts.queue.list({ limit: 1000, ...(all ? {} : { state: 'queued' as const }) }),
      );
      if (json) return console.log(JSON.stringify(rows, null, 2));
      for (const r of rows) {
        const when = r.state === 'queued' ? `next try ${new Date(r.nextAt).toISOString()}` : r.state;
        console.log(
          `${r.outboundId}\t${r.recipient}\tfrom <${r.returnPath}>\t${r.attempts} tries, ${when}\t${r.lastReply ?? ''}`,
        );
      }
      console.log(`${rows.length} recipient(s)`);
    });
  queue
    .command('retry')
    .argument('[id]', 'first column of the list; default all', messageId)
    .description('try now, all or one message; a running server does it within seconds')
    .action(async (id: number | undefined) => {
      const called = await withParts((parts) => parts.queue.retryNow(id));
      console.log(`${called} delivery attempt(s) are due now`);
    });
  queue
    .command('cancel')
    .argument('<id>', 'first column of the list', messageId)
    .argument('[address]', 'only this recipient')
    .description('give a message up, without a report')
    .action(async (id: number, address: string | undefined) => {
      const cancelled = await withParts((parts) => parts.queue.cancel(id, address));
      console.log(`${cancelled} recipient(s) cancelled`);
    });
}

function messageId(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new InvalidArgumentError('a number is wanted: the first column of "congvu queue".');
  return Number(text);
}
