import type { Command } from 'commander';

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
    .command('retry [id]')
    .description('try now, all or one message')
    .action(async (id: string | undefined) => {
      const called = await withParts((parts) => parts.queue.retryNow(id === undefined ? undefined : Number(id)));
      console.log(`${called} job(s) called`);
    });
  queue
    .command('cancel <id> [address]')
    .description('give a message up, without a report')
    .action(async (id: string, address: string | undefined) => {
      const cancelled = await withParts((parts) => parts.queue.cancel(Number(id), address));
      console.log(`${cancelled} recipient(s) cancelled`);
    });
}
