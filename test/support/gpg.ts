/** GnuPG with a home of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Gpg {
  import(key: Uint8Array): void;
  /** Status lines of --verify: GOODSIG, BADSIG, … */
  verify(signature: Uint8Array, content: Uint8Array): string;
  wkdUrl(address: string): string;
  dispose(): void;
}

export function gnupg(): Gpg {
  const home = mkdtempSync(join(tmpdir(), 'gpg-'));
  const gpg = (args: string[], input?: Uint8Array) => {
    const done = spawnSync(
      'gpg',
      ['--homedir', home, '--batch', '--no-autostart', '--no-tty', '--status-fd', '1', ...args],
      { ...(input ? { input } : {}), encoding: 'utf8' },
    );
    if (done.error) throw done.error;
    return done;
  };
  return {
    import(key) {
      const done = gpg(['--import'], key);
      if (!done.stdout.includes('IMPORT_OK')) throw new Error(`gpg --import: ${done.stderr}`);
    },
    verify(signature, content) {
      const files = [join(home, 'm.sig'), join(home, 'm')] as const;
      writeFileSync(files[0], signature);
      writeFileSync(files[1], content);
      return gpg(['--verify', ...files]).stdout;
    },
    wkdUrl(address) {
      const [local = '', domain = ''] = address.split('@');
      const listed = gpg(['--with-wkd-hash', '--list-keys', address]).stdout;
      const hash = /([a-z0-9]{32})@/.exec(listed)?.[1];
      if (!hash) throw new Error(`no WKD name in: ${listed}`);
      return `/.well-known/openpgpkey/${domain}/hu/${hash}?l=${local}`;
    },
    dispose: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Takes an exported secret key into an empty keyring with the agent that keeps it. @returns status lines of a signature made with it. */
export function signWithExported(key: Uint8Array, passphrase: string): string {
  const home = mkdtempSync(join(tmpdir(), 'gpg-'));
  const run = (args: string[], input: Uint8Array | string): string =>
    spawnSync(
      'gpg',
      [
        '--homedir',
        home,
        '--batch',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        passphrase,
        '--status-fd',
        '1',
        ...args,
      ],
      { input, encoding: 'utf8' },
    ).stdout;
  try {
    const imported = run(['--import'], key);
    return imported + run(['--output', join(home, 'signed'), '--sign'], 'Kính gửi');
  } finally {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  }
}

/** RFC 3156 §5: the signed octets and the signature, cut out without our own parser. */
export function cutSigned(message: Buffer): { content: Buffer; signature: Buffer } {
  const text = message.toString('latin1');
  const boundary = /multipart\/signed;[^]*?boundary="([^"]+)"/.exec(text)?.[1];
  if (!boundary) throw new Error('not multipart/signed');
  const [, first = '', second = ''] = text.split(`--${boundary}`);
  const content = first.replace(/^\r\n/, '').replace(/\r\n$/, '');
  const signature = second.slice(second.indexOf('-----BEGIN PGP SIGNATURE-----'));
  return { content: Buffer.from(content, 'latin1'), signature: Buffer.from(signature, 'latin1') };
}
