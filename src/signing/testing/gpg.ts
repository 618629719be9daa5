import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Gpg {
  /** Status lines; throws when gpg fails. */
  run(args: string[], input?: string | Uint8Array): string;
  /** Status lines of --verify, whatever gpg thinks of it. */
  verify(signature: string, data: Uint8Array): string;
  file(name: string, content: Uint8Array | string): string;
  output(args: string[], input?: string | Uint8Array): Buffer;
  dispose(): void;
}

/** A real gpg with a home of its own. */
export function openGpg(): Gpg {
  const home = mkdtempSync(join(tmpdir(), 'congvu-gpg-'));
  const base = [
    '--homedir',
    home,
    '--batch',
    '--yes',
    '--no-auto-key-locate',
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    '',
    '--trust-model',
    'always',
  ];
  const file = (name: string, content: Uint8Array | string) => {
    writeFileSync(join(home, name), content);
    return join(home, name);
  };
  return {
    file,
    run: (args, input) =>
      execFileSync('gpg', [...base, '--status-fd', '1', ...args], {
        input,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    output: (args, input) => execFileSync('gpg', [...base, ...args], { input, stdio: ['pipe', 'pipe', 'pipe'] }),
    verify: (signature, data) =>
      spawnSync('gpg', [...base, '--status-fd', '1', '--verify', file('s.asc', signature), file('s.data', data)], {
        encoding: 'utf8',
      }).stdout,
    dispose() {
      execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
