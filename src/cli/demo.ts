import type { Command } from 'commander';

import { demoAccounts, demoOverrides, DEMO_EOFFICE_KEY, openDemo } from '../demo/demo.ts';
import { DEMO_PASSPHRASE, DEMO_PASSWORD } from '../demo/province.ts';
import { start, type Running } from '../main.ts';
import { stopOnSignal } from './serve.ts';
import { configOf, type GlobalOptions } from './with-parts.ts';

interface DemoOptions {
  json?: boolean;
  prepareOnly?: boolean;
}

export function demoCommand(program: Command, options: () => GlobalOptions): void {
  program
    .command('demo')
    .description('make the demo province in the data folder (once) and serve it')
    .option('--json', 'print where to go as one JSON line on standard output')
    .option('--prepare-only', 'make it, do not serve')
    .action(async ({ json = false, prepareOnly = false }: DemoOptions) => {
      const parts = await openDemo(configOf(options(), demoOverrides), (text) => process.stderr.write(`${text}\n`));
      if (prepareOnly) return parts.close();
      const running = await start(parts);
      const accounts = await demoAccounts(parts);
      process.stdout.write(
        json
          ? `${JSON.stringify({ ...addresses(running), accounts, eofficeKey: DEMO_EOFFICE_KEY })}\n`
          : inWords(running, accounts),
      );
      stopOnSignal(running.stop);
    });
}

function addresses({ ports }: Running, host = '127.0.0.1'): Record<string, string> {
  const at = (scheme: string, port: number) => `${scheme}://${host}:${port}`;
  return {
    http: at('http', ports.http),
    https: at('https', ports.https),
    smtp: at('smtp', ports.smtp),
    submission: at('smtp', ports.submission),
    submissions: at('smtps', ports.submissions),
    imap: at('imap', ports.imap),
    imaps: at('imaps', ports.imaps),
  };
}

function inWords(running: Running, accounts: readonly { address: string }[]): string {
  const at = addresses(running, 'localhost');
  const lines = [
    '',
    '  Công Vụ: tỉnh Cao Sơn (demo)',
    '',
    `  Mở trình duyệt / Open   ${at['http'] ?? ''}`,
    `  Tài khoản / Accounts    ${accounts
      .slice(0, 5)
      .map((a) => a.address)
      .join('\n                          ')}`,
    `                          … ${accounts.length} in all`,
    `  Mật khẩu / Password     ${DEMO_PASSWORD}`,
    `  Cụm mật khẩu ký         ${DEMO_PASSPHRASE}   (thuybtt and others who have signed before; hungnv makes a key at the first sign-in)`,
    '',
    `  IMAP ${at['imap'] ?? ''} (STARTTLS), ${at['imaps'] ?? ''}   SMTP ${at['smtp'] ?? ''}`,
    `  Submission ${at['submission'] ?? ''} (STARTTLS), ${at['submissions'] ?? ''}`,
    `  eOffice API ${at['http'] ?? ''}/api/v1   key ${DEMO_EOFFICE_KEY}`,
    '',
    '  Ctrl+C dừng / stops. Dữ liệu giữ trong / data is kept in ' + running.data,
    '',
  ];
  return `${lines.join('\n')}\n`;
}
