/** Postfix and Dovecot as bench/peer/up.sh sets them up. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { blocksOf, LOADED, type Side } from './side.ts';

export const STORES = ['maildir', 'mdbox', 'mdboxz', 'fts'] as const;
export type Store = (typeof STORES)[number];

export const peerFolder: string = process.env['PEER'] ?? join(tmpdir(), 'peer');
const base = Number(process.env['PEER_BASE'] ?? 2000);
const scripts = fileURLToPath(new URL('../peer/', import.meta.url));
const ports = { smtp: base + 525, imap: base + 143, imaps: base + 993 };
const dovecotPid = join(peerFolder, 'dovecot/run/master.pid');
const postfixPid = join(peerFolder, 'postfix/spool/pid/master.pid');

export interface Peer {
  side(store: Store): Side;
  /** Dovecot keeps idle connections without a process of their own after so many seconds; 0: never, Debian's default. */
  hibernate(seconds: number): void;
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
      if (!user.startsWith(loadedUser)) rmSync(join(mail, user), { recursive: true });
  }
  run('up.sh');
  // A driver that ends early takes the peer along.
  const stop = () => void run('down.sh');
  process.once('exit', stop);
  return {
    side: sideOf,
    hibernate: (seconds) => void run('up.sh', { HIBERNATE: seconds === 0 ? '0' : `${seconds}s` }),
    stop() {
      process.off('exit', stop);
      stop();
    },
  };
}

const loadedUser = `u${LOADED}`;
const pidIn = (file: string) => Number(readFileSync(file, 'utf8').trim());

function sideOf(store: Store): Side {
  const mail = join(peerFolder, 'mail', store);
  const home = join(mail, loadedUser);
  const marker = join(mail, `${loadedUser}.loaded`);
  return {
    name: store,
    ports,
    official: (n) => ({ address: `u${String(n).padStart(3, '0')}@${store}.test`, password: 'pw' }),
    roots: () => [pidIn(dovecotPid), pidIn(postfixPid)],
    disk: async () => (existsSync(mail) ? blocksOf(mail) : 0),
    // Dovecot's processes end with their connections; what it builds by reading lies in the cache file.
    cold: async () => {
      for (const name of readdirSync(home, { recursive: true, encoding: 'utf8' }))
        if (name.endsWith('dovecot.index.cache')) rmSync(join(home, name));
    },
    loaded: {
      get: () => (existsSync(marker) ? Number(readFileSync(marker, 'utf8')) : 0),
      set: (count) => writeFileSync(marker, String(count)),
      wipe: async () => {
        for (const path of [home, marker]) rmSync(path, { recursive: true, force: true });
      },
    },
  };
}

/** Of LOADED's mailbox alone, and of its Xapian index. */
export function loadedBytes(store: Store): { mail: number; index: number } {
  const home = join(peerFolder, 'mail', store, loadedUser);
  const index = readdirSync(home, { recursive: true, encoding: 'utf8' }).find((n) => n.endsWith('xapian-indexes'));
  return { mail: blocksOf(home), index: index === undefined ? 0 : blocksOf(join(home, index)) };
}
