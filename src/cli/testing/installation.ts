/** Commands as an administrator runs them, but in the test's own process, each on a folder of its own. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CommanderError, type Command } from 'commander';
import { expect, vi } from 'vitest';

import { createProgram } from '../program.ts';
import { inWords } from '../with-parts.ts';

export interface Done {
  code: number;
  out: string;
  err: string;
}

export async function congvu(args: string[], env: Record<string, string> = {}): Promise<Done> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line = '') => void out.push(String(line)));
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const program = createProgram();
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({ writeErr: (text) => void err.push(text) });
    command.commands.forEach(quiet);
  };
  quiet(program);
  process.exitCode = 0;
  await program.parseAsync(['node', 'congvu', ...args]).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) err.push(inWords(error));
    process.exitCode = 1;
  });
  const code = Number(process.exitCode);
  process.exitCode = 0;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  return { code, out: out.join('\n'), err: err.join('') };
}

export class TestInstallation {
  readonly folder = mkdtempSync(join(tmpdir(), 'congvu-commands-'));
  /** What "congvu init" made. */
  readonly data = join(this.folder, 'made');

  async init(): Promise<void> {
    const { code, err, out } = await congvu(['--data', this.data, 'init', '--domain', 'x.gov.vn']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('x.gov.vn.  IN MX 10 mail.x.gov.vn.');
  }

  /** Another installation to spoil, with ports that are surely free. */
  copy(name: string, settings = ''): string {
    const to = join(this.folder, name);
    mkdirSync(to, { mode: 0o700 });
    for (const file of readdirSync(this.data).filter((name) => /^(master\.key|congvu\.db.*)$/.test(name)))
      copyFileSync(join(this.data, file), join(to, file));
    writeFileSync(
      join(to, 'congvu.toml'),
      `hostname = "mail.x.gov.vn"\n${settings}[listen]\nhost = "127.0.0.1"\n${off()}[directory]\ndomain = "x.gov.vn"\n`,
    );
    return to;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Every port but the one for HTTP is closed. */
export const off = (http = 0): string =>
  ['https', 'smtp', 'submission', 'submissions', 'imap', 'imaps'].map((name) => `${name} = 0\n`).join('') +
  `http = ${http}\n`;
