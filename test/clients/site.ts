/** One real server, and what all programs are tried with: people, a folder for settings, a recorder of what they say. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ImapFlow } from 'imapflow';
import { it } from 'vitest';

import { ISSUER, testIssuer, type TestIssuer } from '../../src/directory/testing/issuer.ts';
import { withImap } from '../support/imap.ts';
import { populate } from '../support/people.ts';
import { installed } from '../support/programs.ts';
import { recorder, type Recorder } from '../support/recorder.ts';
import { install, serve, type Installation, type ServerProcess } from '../support/server.ts';
import { letter } from './maildir.ts';

export class Site {
  installation!: Installation;
  issuer!: TestIssuer;
  wire!: Recorder;
  home!: string;
  cert!: string;
  users!: Record<'hung' | 'nhung' | 'vu' | 'admin', string>;
  private server!: ServerProcess;

  async open(): Promise<void> {
    this.issuer = await testIssuer();
    const oauth = `[credentials.oauth]\nissuer = "${ISSUER}"\nkeysFile = "${this.issuer.folder}/keys.json"\n`;
    this.installation = await install({
      toml: `${oauth}[imap]\nallowPlainOnLoopback = true\nwrongPasswordDelayMs = 0\n`,
    });
    const { hung, nhung, vu, admin } = await populate(this.installation);
    this.users = { hung: hung.address, nhung: nhung.address, vu: vu.address, admin: admin.address };
    this.server = await serve(this.installation);
    this.wire = await recorder(this.installation.ports.imap);
    this.home = await mkdtemp(join(tmpdir(), 'congvu-clients-'));
    await chmod(this.home, 0o755);
    this.cert = join(this.home, 'cert.pem');
    await writeFile(this.cert, await readFile(join(this.installation.data, 'tls/cert.pem')));
  }

  async dispose(): Promise<void> {
    await this.wire.stop();
    await this.server.kill();
    await this.installation.dispose();
    await this.issuer.dispose();
    await rm(this.home, { recursive: true, force: true });
  }

  /** Another client's look at a mailbox. */
  see<T>(user: string, work: (imap: ImapFlow) => Promise<T>): Promise<T> {
    return withImap(this.installation, user, work);
  }

  put(user: string, mailbox: string, subjects: readonly string[]): Promise<void> {
    return this.see(user, async (imap) => {
      if (mailbox !== 'INBOX') await imap.mailboxCreate(mailbox);
      for (const subject of subjects) await imap.append(mailbox, letter(subject));
    });
  }

  /** A file of settings. @returns its path */
  async config(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.home, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  }
}

/** A test of a program, or the statement that it was left out. */
export const client = (program: string, title: string, work: () => Promise<void>): void => {
  if (installed(program)) it(`${program} ${title}`, work);
  else it.skip(`${program} ${title} (left out: ${program} is not installed here)`, work);
};

/** Subject -> flags of everything in a mailbox. */
export async function contents(imap: ImapFlow, mailbox: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  await imap.mailboxOpen(mailbox);
  if (imap.mailbox && imap.mailbox.exists === 0) return found;
  for await (const m of imap.fetch('1:*', { envelope: true, flags: true }))
    found[m.envelope?.subject ?? ''] = [...(m.flags ?? [])].filter((f) => f !== '\\Recent').sort();
  return found;
}
