import type { Command } from 'commander';

import { examine, type Finding } from '../doctor/doctor.ts';
import { configOf, type GlobalOptions } from './with-parts.ts';

const SIGN = { ok: '  ok  ', warn: ' warn ', fail: ' FAIL ' } as const;

export function doctorCommand(program: Command, options: () => GlobalOptions): void {
  program
    .command('doctor')
    .description('say what is wrong, in words, with the remedy')
    .option('--json')
    .option('--no-dns', 'do not ask DNS')
    .action(async ({ json = false, dns }: { json?: boolean; dns: boolean }) => {
      const findings: Finding[] = [];
      for await (const finding of examine(() => configOf(options()), { dns })) {
        findings.push(finding);
        if (!json)
          console.log(
            `[${SIGN[finding.level]}] ${finding.what}${finding.remedy ? `\n         → ${finding.remedy}` : ''}`,
          );
      }
      if (json) console.log(JSON.stringify(findings, null, 2));
      if (findings.some((f) => f.level === 'fail')) process.exitCode = 1;
    });
}
