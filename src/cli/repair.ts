import type { Command } from 'commander';

import type { WithParts } from './with-parts.ts';

export function repairCommand(program: Command, withParts: WithParts): void {
  program
    .command('repair')
    .description('mend what follows from other data: counters, what is derived from the messages, the search index')
    .action(async () => {
      const mended = await withParts(async (parts) => {
        let count = 0;
        for await (const { finding, accountId } of parts.mailstore.repair()) {
          count++;
          console.log(accountId === undefined ? finding : `account ${accountId}: ${finding}`);
        }
        return count;
      });
      console.log(mended === 0 ? 'There was nothing to mend.' : `${mended} line(s) above. "congvu check" looks again.`);
    });
}
