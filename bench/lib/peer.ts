/** Postfix and Dovecot as bench/peer/up.sh sets them up. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { settled } from './proc.ts';
import { blocksOf, LOADED, type Side } from './side.ts';

export const STORES = ['maildir', 'mdbox', 'mdboxz', 'fts'] as const;
export type Store = (typeof STORES)[number];

export const peerFolder: string = process.env['PEER'] ?? join(tmpdir(), 'peer');
const base = Number(process.env['PEER_BASE'] ?? 2000);
const scripts = fileURLToPath(new URL('../peer/', import.meta.url));
const ports = { smtp: base + 525, imap: base + 143, imaps: base + 993 };
const dovecotConf = join(peerFolder, 'dovecot/dovecot.conf');
const dovecotPid = join(peerFolder, 'dovecot/run/master.pid');
const postfixPid = join(peerFolder, 'postfix/spool/pid/master.pid');

export interface Peer {
  side(store: Store): Side;
  /** Idle connections without processes of their own, after two seconds; Debian's default is not to. */
  lean(on: boolean): void;
  /** The same mailbox in another form, by Dovecot itself and without syncing: nobody measures that. */
  copyLoaded(store: Store, owner: number): Promise<void>;
  stop(): void;
}

const run = (script: string, env: Record<string, string> = {}) =>
  execFileSync(join(scripts, script), { env: { ...process.env, PEER: peerFolder, ...env }, stdio: 'inherit' });

/** Mail of earlier measurements goes, but for the loaded mailboxes, which take minutes to fill. */
export function startPeer(): Peer {
  run('down.sh');
  for (const store of STORES) {
    const mail = join(peerFolder, 'mail', store);
    for (const user of existsSync(mail) ? readdirSync(mail) : [])
      if (!Object.values(LOADED).some((n) => user.startsWith(userOf(n)))) rmSync(join(mail, user), { recursive: true });
  }
  run('up.sh');
  // A driver that ends early takes the peer along.
  const stop = () => void run('down.sh');
  process.once('exit', stop);
  return {
    side: sideOf,
    lean: (on) => void run('up.sh', { LEAN: on ? '1' : '' }),
    copyLoaded,
    stop() {
      process.off('exit', stop);
      stop();
    },
  };
}

async function copyLoaded(store: Store, owner: number): Promise<void> {
  const [from, to] = [sideOf('maildir'), sideOf(store)];
  const count = from.loaded(owner).get();
  const loaded = to.loaded(owner);
  if (loaded.get() === count) return;
  loaded.wipe();
  const source = `maildir:${join(peerFolder, 'mail/maildir', userOf(owner), 'Maildir')}`;
  const what = ['import', '-s', '-u', to.official(owner).address, source, '', 'mailbox', 'INBOX', 'all'];
  execFileSync('doveadm', ['-c', dovecotConf, '-o', 'mail_fsync=never', ...what]);
  await to.settle(owner);
  loaded.set(count);
}

const userOf = (n: number) => `u${String(n).padStart(3, '0')}`;
const pidIn = (file: string) => Number(readFileSync(file, 'utf8').trim());

function sideOf(store: Store): Side {
  const mail = join(peerFolder, 'mail', store);
  return {
    name: store,
    ports,
    official: (n) => ({ address: `${userOf(n)}@${store}.test`, password: 'pw' }),
    roots: () => [pidIn(dovecotPid), pidIn(postfixPid)],
    settle: async (owner) => {
      // What Xapian has not read by itself it reads now: no search measures that.
      const user = `${userOf(owner)}@${store}.test`;
      if (store === 'fts') execFileSync('doveadm', ['-c', dovecotConf, 'index', '-u', user, 'INBOX']);
      await settled([pidIn(dovecotPid)]);
    },
    disk: async () => (existsSync(mail) ? blocksOf(mail) : 0),
    // Dovecot's processes end with their connections; what it builds by reading lies in the cache file.
    cold: async (owner) => {
      const home = join(mail, userOf(owner));
      for (const name of readdirSync(home, { recursive: true, encoding: 'utf8' }))
        if (name.endsWith('dovecot.index.cache')) rmSync(join(home, name));
    },
    loaded: (owner) => {
      const home = join(mail, userOf(owner));
      const marker = `${home}.loaded`;
      return {
        get: () => (existsSync(marker) ? Number(readFileSync(marker, 'utf8')) : 0),
        set: (count) => writeFileSync(marker, String(count)),
        wipe: () => {
          for (const path of [home, marker]) rmSync(path, { recursive: true, force: true });
        },
      };
    },
  };
}

/** Of one official's mail alone, and of its Xapian index. */
export function bytesOf(store: Store, owner: number): { mail: number; index: number } {
  const home = join(peerFolder, 'mail', store, userOf(owner));
  const index = readdirSync(home, { recursive: true, encoding: 'utf8' }).find((n) => n.endsWith('xapian-indexes'));
  return { mail: blocksOf(home), index: index === undefined ? 0 : blocksOf(join(home, index)) };
}
