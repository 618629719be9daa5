import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Command } from 'commander';

import { initialise } from '../init.ts';
import { createMasterKey, InstallationError, isInstalled, masterKeyPath } from '../installation.ts';
import { openParts, type Parts } from '../parts.ts';
import { createLog } from '../base/log.ts';
import { dkimPublicKeys } from '../smtp/dkim.ts';
import { dnsRecords, type DnsRecord } from '../smtp/dns-records.ts';
import { configOf, withPartsOf, type GlobalOptions } from './with-parts.ts';

interface InitOptions {
  domain: string;
  hostname?: string;
}

export function initCommand(program: Command, options: () => GlobalOptions): void {
  program
    .command('init')
    .description('make an empty installation for a domain and print the DNS records to publish')
    .requiredOption('--domain <domain>', 'the domain of all addresses, e.g. caoson.gov.vn')
    .option('--hostname <name>', 'name of this server (default mail.<domain>)')
    .action(async ({ domain, hostname = `mail.${domain}` }: InitOptions) => {
      const before = configOf(options());
      if (isInstalled(before.data)) throw new InstallationError(`${before.data} already holds an installation`);
      await createMasterKey(before.data);
      if (before.file === undefined)
        await writeFile(join(before.data, 'congvu.toml'), settings(domain, hostname), { flag: 'wx', mode: 0o600 });
      const parts = await openParts(configOf(options()), { log: createLog('warn') });
      try {
        const fingerprint = await initialise(parts);
        console.log(`Công Vụ is set up in ${before.data} for ${domain}.\n`);
        console.log(`Provincial certification key: ${fingerprint}`);
        console.log(
          `Master key: ${masterKeyPath(before.data)}. Keep a copy apart from the backups: without it no sealed secret opens.\n`,
        );
        await printDns(parts);
      } finally {
        await parts.close();
      }
    });
  program
    .command('dns')
    .description('print the DNS records to publish')
    .option('--json')
    .action(async ({ json = false }: { json?: boolean }) => {
      await withPartsOf(options)(async (parts) =>
        json ? console.log(JSON.stringify(await recordsOf(parts), null, 2)) : printDns(parts),
      );
    });
}

export async function recordsOf(parts: Parts): Promise<DnsRecord[]> {
  const { domain } = parts.config.directory;
  return dnsRecords({ domain, host: parts.config.hostname, dkim: await dkimPublicKeys(parts.secrets, domain) });
}

async function printDns(parts: Parts): Promise<void> {
  console.log('DNS records to publish:\n');
  for (const { name, type, value } of await recordsOf(parts)) {
    // RFC 1035 §3.3.14: one string of a TXT record holds 255 octets.
    const text = type === 'TXT' ? (value.match(/.{1,255}/gs) ?? []).map((part) => `"${part}"`).join(' ') : value;
    console.log(`${name}.  IN ${type} ${text}`);
  }
  console.log('\nAlso the reverse name of your address, and A/AAAA records of the host.');
}

const settings = (
  domain: string,
  hostname: string,
) => `# Settings of this installation; config/congvu.example.toml lists all with their defaults.
hostname = "${hostname}"
publicUrl = "https://${hostname}"

[listen]
host = "::"
http = 80
https = 443
smtp = 25
submission = 587
submissions = 465
imap = 143
imaps = 993

[directory]
domain = "${domain}"
`;
