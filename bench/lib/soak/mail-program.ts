/** A mail program that works on some officials' mail; nobody else changes theirs, so that it knows what must be there. */
import { setTimeout as sleep } from 'node:timers/promises';

import { Imap } from '../imap.ts';
import type { Dice } from '../mailbox/dice.ts';
import { count, numbered, type Soak } from './load.ts';

/** Where messages are moved and copied; created in each account. */
export const FOLDERS = ['INBOX', 'Luu', 'Luu/Cu'] as const;
const WORDS = ['báo cáo', 'hồ sơ', 'thanh toan kinh phi', 'Sở Tài chính'];

export async function workOn(soak: Soak, dice: Dice, officials: readonly number[]): Promise<void> {
  while (soak.running()) {
    const official = dice.pick(officials);
    let imap: Imap | undefined;
    try {
      const { ports } = soak.server;
      const over = dice.chance(0.5) ? { imaps: ports.imaps } : { imap: ports.imap };
      imap = await Imap.open(over, soak.server.official(official));
      const session = new Session(soak, dice, imap, official);
      for (let left = dice.between(5, 40); left > 0 && soak.running(); left--) {
        await session.step();
        await sleep(dice.between(0, 100));
      }
    } catch (error) {
      count(soak.failed, `mail program: ${String(error)}`);
      await sleep(500);
    } finally {
      imap?.close();
    }
  }
}

/** The folders are there before anything is moved into them. */
export async function makeFolders(soak: Soak): Promise<void> {
  for (let official = 1; official <= soak.officials; official++) {
    const imap = await Imap.open(soak.server.ports, soak.server.official(official));
    for (const folder of FOLDERS) if (folder !== 'INBOX') await imap.run(`CREATE ${folder}`);
    imap.close();
  }
}

class Session {
  private readonly soak: Soak;
  private readonly dice: Dice;
  private readonly imap: Imap;
  private readonly official: number;
  private folder: string = 'INBOX';
  private selected = false;

  constructor(soak: Soak, dice: Dice, imap: Imap, official: number) {
    this.soak = soak;
    this.dice = dice;
    this.imap = imap;
    this.official = official;
  }

  async step(): Promise<void> {
    const { dice } = this;
    if (!this.selected || dice.chance(0.1)) await this.select();
    const works: [number, () => Promise<string>][] = [
      [0.3, () => this.list()],
      [0.2, () => this.read()],
      [0.15, () => this.flag()],
      [0.1, () => this.move()],
      [0.05, () => this.copy()],
      [0.08, () => this.expunge()],
      [0.07, () => this.append()],
      [0.05, () => this.search()],
    ];
    let draw = dice.random();
    for (const [share, work] of works) {
      draw -= share;
      if (draw < 0) return count(this.soak.done, await work());
    }
  }

  private async select(): Promise<void> {
    this.folder = this.dice.chance(0.7) ? 'INBOX' : this.dice.pick(FOLDERS);
    await this.imap.run(`SELECT ${this.folder}`);
    this.selected = true;
  }

  private async list(): Promise<string> {
    await this.imap.skim('UID FETCH 1:* (FLAGS)');
    await this.imap.skim('FETCH *:* (UID FLAGS ENVELOPE BODYSTRUCTURE)').catch(ignoreEmpty);
    return 'lists';
  }

  private async read(): Promise<string> {
    const one = await this.anyMessage();
    if (one) await this.imap.skim(`UID FETCH ${one.uid} (BODY[])`);
    return 'messages read';
  }

  private async flag(): Promise<string> {
    const one = await this.anyMessage();
    if (one) await this.imap.skim(`UID STORE ${one.uid} ${this.dice.pick(['+', '-'])}FLAGS (\\Flagged $Viec)`);
    return 'flags';
  }

  private async move(): Promise<string> {
    const one = await this.anyMessage();
    const target = this.dice.pick(FOLDERS);
    if (one && target !== this.folder) await this.imap.skim(`UID MOVE ${one.uid} ${target}`);
    return 'moves';
  }

  private async copy(): Promise<string> {
    const one = await this.anyMessage();
    if (!one) return 'copies';
    try {
      await this.imap.skim(`UID COPY ${one.uid} ${this.dice.pick(FOLDERS)}`);
      this.soak.ledger.copied(one.id, 1);
    } catch (error) {
      this.soak.ledger.copied(one.id, 1);
      this.soak.ledger.doubted(one.id);
      throw error;
    }
    return 'copies';
  }

  private async expunge(): Promise<string> {
    const one = await this.anyMessage();
    if (!one) return 'expunged';
    try {
      await this.imap.skim(`UID STORE ${one.uid} +FLAGS.SILENT (\\Deleted)`);
      await this.imap.skim(`UID EXPUNGE ${one.uid}`);
      this.soak.ledger.copied(one.id, -1);
    } catch (error) {
      this.soak.ledger.doubted(one.id);
      throw error;
    }
    return 'expunged';
  }

  private async append(): Promise<string> {
    const { soak, dice, official } = this;
    const id = soak.ledger.newId();
    const raw = numbered(id, dice.between(2000, 60_000), soak.server.official(official).address);
    try {
      await this.imap.run(`APPEND ${dice.pick(FOLDERS)} (\\Seen) `, raw);
      soak.ledger.put(id, official);
    } catch (error) {
      soak.ledger.perhaps(id, official);
      throw error;
    }
    return 'appends';
  }

  private async search(): Promise<string> {
    await this.imap.run('UID SEARCH CHARSET UTF-8 BODY ', Buffer.from(this.dice.pick(WORDS)));
    return 'searches';
  }

  /** One of the selected mailbox, with its number in the ledger. */
  private async anyMessage(): Promise<{ uid: number; id: string } | undefined> {
    const { lines } = await this.imap.run('UID SEARCH ALL');
    const found = lines.find((line) => line.startsWith('* SEARCH')) ?? '';
    const uids = found.slice(8).trim().split(' ').filter(Boolean).map(Number);
    if (uids.length === 0) return undefined;
    const uid = this.dice.pick(uids);
    const id = (await idsIn(this.imap, String(uid)))[0];
    return id === undefined ? undefined : { uid, id };
  }
}

/** "*" of an empty mailbox is no message: BAD in some servers, nothing in others. */
function ignoreEmpty(error: unknown): void {
  if (!/ (?:BAD|NO) /.test(String(error))) throw error;
}

/** All of an account's own, quoted as LIST has them. */
export async function foldersOf(imap: Imap): Promise<string[]> {
  const { lines } = await imap.run('LIST "" "*"');
  return lines.flatMap((line) => {
    const name = /^\* LIST \(([^)]*)\) "?[^ "]+"? (.+)\r\n$/.exec(line);
    return name?.[2] === undefined || /\\Noselect|\\NonExistent/i.test(name[1] ?? '') ? [] : [name[2]];
  });
}

/** Numbers in the ledger of the selected mailbox's messages; what has none is named by its UID. */
export async function idsIn(imap: Imap, uids: string): Promise<string[]> {
  const { lines } = await imap.run(`UID FETCH ${uids} (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])`);
  return lines
    .filter((line) => line.includes('BODY['))
    .map((line) => /<(soak-\d+)@soak\.test>/.exec(line)?.[1] ?? `unknown: ${line.slice(0, 60)}`);
}
