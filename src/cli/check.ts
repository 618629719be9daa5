import type { Command } from 'commander';

import type { WithParts } from './with-parts.ts';

export function checkCommand(program: Command, withParts: WithParts): void {
  program
    .command('check')
    .description('prove the store whole: content, rows, change log, counters, audit chain')
    .option('--deep', 'also read every stored byte and compare its hash')
    .action(async ({ deep = false }: { deep?: boolean }) => {
      const findings = await withParts(async (parts) => {
        let count = 0;
        for await (const { finding, accountId } of parts.mailstore.check({ deep })) {
          count++;
          console.log(accountId === undefined ? finding : `account ${accountId}: ${finding}`);
        }
        const broken = await parts.audit.verify();
        if (broken !== undefined) {
          count++;
          console.log(`the audit log does not fit together at row ${broken}`);
        }
        return count;
      });
      console.log(
        findings === 0
          ? 'The store is whole.'
          : `${findings} finding(s). Counters and search: "congvu repair". Lost or changed bytes: "congvu restore <backup> --mend".`,
      );
      if (findings > 0) process.exitCode = 1;
    });
}
