import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Command } from 'commander';

import { createLog } from '../base/log.ts';
import type { Config } from '../config.ts';
import { initialise } from '../init.ts';
import { createMasterKey, InstallationError, isInstalled, masterKeyPath, removeMasterKey } from '../installation.ts';
import { openParts, type Parts } from '../parts.ts';
import { dkimPublicKeys } from '../smtp/dkim.ts';
import { dnsRecords, txtStrings, type DnsRecord } from '../smtp/dns-records.ts';
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
      // What makes no sense is refused before anything is written. A file that is there already wins over the options.
      const config = configOf(options(), { hostname, directory: { domain } });
      const parts = await install(config, () => configOf(options()));
      try {
        console.log(`Công Vụ is set up in ${config.data} for ${parts.directory.domain}.\n`);
        console.log(`Settings: ${parts.config.file ?? ''}`);
        console.log(`Provincial certification key: ${(await parts.signing.certificationKey())?.fingerprint ?? ''}`);
        console.log(
          `Master key: ${masterKeyPath(config.data)}. Keep a copy apart from the backups: without it no sealed secret opens.\n`,
        );
        await printDns(parts);
        console.log('\nNext: publish these records, put the certificate into [tls], "congvu unit import",');
        console.log('"congvu official import", "congvu serve". "congvu doctor" says what is still missing.');
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

/** Nothing stays when it fails before the keys are made; a second try goes on where the first one ended. */
async function install(config: Config, written: () => Config): Promise<Parts> {
  const { data } = config;
  const fresh = !isInstalled(data);
  if (fresh) await createMasterKey(data);
  let parts: Parts;
  try {
    parts = await openParts(config, { log: createLog('warn') });
  } catch (error) {
    if (fresh) await removeMasterKey(data);
    throw error;
  }
  try {
    if (await parts.signing.certificationKey()) throw await alreadyThere(data, fresh);
    await initialise(parts);
    if (config.file === undefined)
      await writeFile(join(data, 'congvu.toml'), settings(config), { flag: 'wx', mode: 0o600 });
    return { ...parts, config: written() };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function alreadyThere(data: string, fresh: boolean): Promise<InstallationError> {
  if (!fresh)
    return new InstallationError(`${data} already holds an installation; "congvu dns" prints its records again`);
  await removeMasterKey(data);
  return new InstallationError(
    `the database already belongs to an installation, but ${masterKeyPath(data)} is missing: put back your copy of it`,
  );
}

export async function recordsOf(parts: Parts): Promise<DnsRecord[]> {
  const { domain } = parts.config.directory;
  return dnsRecords({ domain, host: parts.config.hostname, dkim: await dkimPublicKeys(parts.secrets, domain) });
}

async function printDns(parts: Parts): Promise<void> {
  console.log('DNS records to publish:\n');
  for (const { name, type, value } of await recordsOf(parts)) {
    const text =
      type === 'TXT'
        ? txtStrings(value)
            .map((part) => `"${part}"`)
            .join(' ')
        : value;
    console.log(`${name}.  IN ${type} ${text}`);
  }
  console.log(
    `\nAlso A (and AAAA) records of ${parts.config.hostname}, and this name as the reverse name of its addresses.`,
  );
}

const settings = ({ hostname, directory, database }: Config) =>
  `# Settings of this installation; config/congvu.example.toml lists all with their defaults.
hostname = ${JSON.stringify(hostname)}
publicUrl = ${JSON.stringify(`https://${hostname}`)}

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
domain = ${JSON.stringify(directory.domain)}
${database.url === '' ? '' : `\n[database]\nurl = ${JSON.stringify(database.url)}\n`}`;
