/**
 * mbsync brings the whole INBOX into an empty Maildir, then asks again, then fetches 100 new messages. And it brings the same mail from
 * one Maildir into another, without any server: it syncs each file by itself, and no server makes that quicker.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Bench } from '../lib/driver.ts';
import { round, seconds } from '../lib/figures.ts';
import { type Figures, type Side } from '../lib/side.ts';
import { opened } from './imap.ts';
import { append, ownerOf, wantedMessages } from './load.ts';

const NEW = 100;

/** Milliseconds. */
const SETTLING = 5000;

export async function syncing(side: Side, bench: Bench): Promise<Figures> {
  if (spawnSync('mbsync', ['--version']).error) {
    bench.say('mbsync is not installed (package isync): its lines are left out');
    return {};
  }
  const wanted = wantedMessages(bench);
  const folder = begin(far(side, bench));
  const step = (expected: number) => took(folder, expected);
  let figures: Figures;
  try {
    const full = step(wanted);
    // mbsync sleeps out the second in which a folder changed; that is no figure of a server.
    await sleep(2000);
    const nothing = step(wanted);
    const first = await addNew(side, bench);
    const some = step(wanted + NEW);
    await removeFrom(side, bench, first);
    bench.say(`${side.name} mbsync: ${wanted} messages ${full} s; nothing new ${nothing} s; ${NEW} new ${some} s`);
    figures = { 'sync.full': full, 'sync.nothing': nothing, 'sync.new': some };
  } finally {
    await remove(folder);
  }
  return side.name === 'ours' ? { ...figures, ...(await withoutServer(bench)) } : figures;
}

/** What mbsync needs for itself. */
async function withoutServer(bench: Bench): Promise<Figures> {
  const wanted = bench.corpus.messages.slice(0, wantedMessages(bench));
  const source = mkdtempSync(join(tmpdir(), 'congvu-mbsync-'));
  const folder = begin(`MaildirStore far
Path ${source}/
Inbox ${source}/INBOX
`);
  try {
    for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(source, 'INBOX', name), { recursive: true });
    for (const [n, one] of wanted.entries())
      writeFileSync(join(source, `INBOX/cur/${n}.x:2,`), bench.corpus.bytes(one));
    await settle();
    const alone = took(folder, wanted.length);
    bench.say(`mbsync without a server: ${wanted.length} messages ${alone} s`);
    return { 'sync.alone': alone };
  } finally {
    rmSync(source, { recursive: true, force: true });
    await remove(folder);
  }
}

function begin(far: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-mbsync-'));
  mkdirSync(join(folder, 'mail'));
  writeFileSync(join(folder, 'rc'), settings(far, folder), { mode: 0o600 });
  return folder;
}

/** @returns seconds */
function took(folder: string, expected: number): number {
  const begun = performance.now();
  execFileSync('mbsync', ['-q', '-c', join(folder, 'rc'), 'c'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const time = round(seconds(begun), 2);
  const inbox = join(folder, 'mail/INBOX');
  const got = ['cur', 'new'].reduce((sum, name) => sum + readdirSync(join(inbox, name)).length, 0);
  if (got !== expected) throw new Error(`mbsync holds ${got} messages instead of ${expected}`);
  return time;
}

/** 20,000 files that go keep the disk busy: the other side, whose turn comes next, shall not wait for that. */
async function remove(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await settle();
}
async function settle(): Promise<void> {
  execFileSync('sync');
  await sleep(SETTLING);
}

/** @returns the UID of the first of them. */
async function addNew(side: Side, bench: Bench): Promise<number> {
  const imap = await opened(side, bench);
  const { lines } = await imap.run('STATUS INBOX (UIDNEXT)');
  for (const message of bench.corpus.messages.slice(500, 500 + NEW))
    await append(imap, 'INBOX', message, bench.corpus.bytes(message));
  imap.close();
  return Number(/UIDNEXT (\d+)/.exec(lines.join(''))?.[1] ?? NaN);
}

/** The mailbox is the corpus again, for what is measured after it. */
async function removeFrom(side: Side, bench: Bench, uid: number): Promise<void> {
  const imap = await opened(side, bench);
  await imap.skim(`UID STORE ${uid}:* +FLAGS.SILENT (\\Deleted)`);
  await imap.skim(`UID EXPUNGE ${uid}:*`);
  imap.close();
}

function far(side: Side, bench: Bench): string {
  const { address, password } = side.official(ownerOf(bench));
  return `IMAPAccount a
Host 127.0.0.1
Port ${side.ports.imap}
User ${address}
Pass ${password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account a
`;
}

/** @param far the store that is called so */
const settings = (far: string, folder: string): string => `${far}
MaildirStore near
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX

Channel c
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
`;
