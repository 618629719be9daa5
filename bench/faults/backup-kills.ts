/**
 * The real process of `congvu backup`, killed at a random moment of its work beside an installation that changes, again and again. What may never
 * be: a snapshot that was there is not whole any more, or the next backup does not go through, or a restore gives something else.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openPacks } from '../../src/backup/packs.ts';
import { packFolder, snapshotNames } from '../../src/backup/snapshots.ts';
import { verifyFolder } from '../../src/backup/verify.usecases.ts';
import type { AccountId } from '../../src/base/ids.ts';
import { packageRoot } from '../../src/base/paths.ts';
import { random, type Random } from '../../src/base/testing/random.ts';
import { noise } from '../../src/blobs/testing/noise.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/base/log.ts';
import { openParts, type Parts } from '../../src/parts.ts';
import { congvu, type Installation } from '../../test/support/server.ts';

export interface KillRun {
  kills: number;
  seed: number;
  /** A backup goes through, and the folder is read from end to end, after every so many kills and at the end. */
  every: number;
  address: string;
}

export interface KillOutcome {
  /** Of the killed ones: before their first pack, within the packs, with the snapshot's file written already. */
  moments: { early: number; packs: number; late: number };
  /** Those that were quicker than the kill. */
  finished: number;
  /** What must not be; nothing when all is well. */
  faults: string[];
}

export async function killBackups(installation: Installation, run: KillRun): Promise<KillOutcome> {
  const root = await mkdtemp(join(tmpdir(), 'congvu-backup-kills-'));
  const folder = join(root, 'backups');
  const parts = await installation.open();
  const outcome: KillOutcome = { moments: { early: 0, packs: 0, late: 0 }, finished: 0, faults: [] };
  const state: State = {
    installation,
    folder,
    parts,
    outcome,
    dice: random(run.seed),
    accountId: 0 as AccountId,
    sent: 0,
  };
  try {
    const official = await parts.directory.resolve(run.address);
    if (!official) throw new Error(`nobody has the address ${run.address}`);
    state.accountId = official.accountId;
    await arrive(state, 30);
    const lasts = await timeOfOne(state);
    for (let n = 1; n <= run.kills && outcome.faults.length === 0; n++) {
      await killOne(state, lasts);
      if (n % run.every === 0 || n === run.kills) await goesThrough(state, `after ${n} kills`);
    }
    await comesBack(state, join(root, 'restored'));
    return outcome;
  } finally {
    await parts.close();
    await rm(root, { recursive: true, force: true });
  }
}

interface State {
  installation: Installation;
  folder: string;
  parts: Parts;
  outcome: KillOutcome;
  dice: Random;
  accountId: AccountId;
  sent: number;
}

/** Mail with files of every size: in rows, in the folder, the same again. */
async function arrive(state: State, count: number): Promise<void> {
  const { parts, dice, accountId } = state;
  const shared = noise(150_000, 1);
  for (let n = 0; n < count; n++) {
    const id = ++state.sent;
    const file = dice.pick([undefined, shared, noise(5000, id), noise(220_000, id)]);
    const head = `From: a@example.org\r\nSubject: thu ${id}\r\nMIME-Version: 1.0\r\n`;
    const lines = file?.toString('base64').replace(/.{76}/g, '$&\r\n');
    const body = lines
      ? `Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`
      : `\r\nNội dung ${id}\r\n`;
    const message = await parts.mailstore.prepare(Buffer.from(head + body));
    await parts.mailstore.write(accountId, async (writer) => {
      const inbox = await writer.mailboxByRole('inbox');
      if (inbox) await writer.append(message, { mailboxIds: [inbox.id], keywords: [] });
      if (dice.chance(0.3)) await writer.destroyEmails((await writer.query({}, { limit: 50 })).slice(-1));
    });
  }
}

interface Process {
  child: ChildProcess;
  ended: Promise<{ code: number | null; said: string }>;
}

function start({ installation, folder }: State): Process {
  const program = join(packageRoot, 'bin/congvu.mjs');
  const child = spawn(process.execPath, [program, 'backup', folder, '--keep', '3', '--keep-months', '0'], {
    env: installation.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (octets: Buffer) => said.push(octets.toString()));
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said: said.join('') })),
  );
  return { child, ended };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Until it has the folder, in place of one that was killed: what is before that is the start of any program. */
async function begun({ folder }: State, { child }: Process): Promise<void> {
  const holder = () => readFile(join(folder, 'lock'), 'utf8').catch(() => '');
  while (child.exitCode === null && !(await holder()).includes(`"pid":${child.pid},`)) await wait(2);
}

/** @returns how long one takes that nobody kills, ms */
async function timeOfOne(state: State): Promise<number> {
  const process = start(state);
  await begun(state, process);
  const since = performance.now();
  const { code, said } = await process.ended;
  if (code !== 0) state.outcome.faults.push(`the first backup ended with ${code}: ${said}`);
  return performance.now() - since;
}

async function killOne(state: State, lasts: number): Promise<void> {
  const { folder, outcome, dice } = state;
  const names = await snapshotNames(folder);
  await arrive(state, 6);
  const process = start(state);
  await begun(state, process);
  const working = arrive(state, 3);
  await wait(dice.next() * lasts);
  process.child.kill('SIGKILL');
  const { code } = await process.ended;
  await working;
  if (code !== null) outcome.finished++;
  else outcome.moments[await momentOf(folder, names)]++;
  const there = new Set(await snapshotNames(folder));
  // Of three that stay, the newest two are those that one more leaves.
  for (const name of names.slice(-2)) if (!there.has(name)) outcome.faults.push(`snapshot ${name} went with a kill`);
}

async function momentOf(folder: string, names: readonly string[]): Promise<keyof KillOutcome['moments']> {
  if ((await snapshotNames(folder)).length > names.length) return 'late';
  return (await readdir(packFolder(folder))).some((name) => name.endsWith('.tmp')) ? 'packs' : 'early';
}

async function goesThrough(state: State, when: string): Promise<void> {
  const { folder, outcome } = state;
  // What the kill left, as it lies there.
  const before = await verifyFolder(folder);
  outcome.faults.push(...before.faults.map((fault) => `${when}: ${fault}`));
  const { code, said } = await start(state).ended;
  if (code !== 0) outcome.faults.push(`${when} the next backup ended with ${code}: ${said}`);
  const { faults } = await verifyFolder(folder);
  outcome.faults.push(...faults.map((fault) => `${when}, and a whole backup: ${fault}`));
  const packs = await openPacks(packFolder(folder), { writable: false });
  if (packs.broken.size > 0) outcome.faults.push(`${when}: packs ${[...packs.broken].join(', ')} are broken`);
  await packs.close();
}

/** The newest one, by the real program; nothing was at work since it was taken. */
async function comesBack({ installation, folder, parts, outcome }: State, to: string): Promise<void> {
  const env = { ...installation.env, CONGVU_DATABASE_URL: '', CONGVU_DATA: to };
  const key = join(installation.data, 'master.key');
  for (const args of [
    ['restore', folder, '--to', to, '--master-key', key, '--deep'],
    ['check', '--deep'],
  ]) {
    const { code, stdout, stderr } = await congvu({ env }, ...args);
    if (code !== 0) outcome.faults.push(`congvu ${args[0]} ended with ${code}: ${stdout}${stderr}`);
  }
  if (outcome.faults.length > 0) return;
  const back = await openParts(loadConfig({ env, data: to }), { log: createLog('fatal') });
  try {
    const [was, is] = [await mailOf(parts), await mailOf(back)];
    if (was !== is) outcome.faults.push('what came back is not what was there');
  } finally {
    await back.close();
  }
}

/** Every place of every account, with the name of its octets. */
async function mailOf({ mailstore, directory }: Parts): Promise<string> {
  const lines: string[] = [];
  for (const address of ['hungnv@caoson.gov.vn', 'nhunght@caoson.gov.vn', 'ubnd@caoson.gov.vn']) {
    const found = await directory.resolve(address);
    if (!found) continue;
    const reader = mailstore.read(found.accountId);
    for (const { id, name } of await reader.mailboxes())
      for (const { uid, blobHash } of await reader.placed(id)) lines.push(`${address} ${name} ${uid} ${blobHash}`);
  }
  return lines.join('\n');
}
