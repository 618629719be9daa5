/** What a client knows of its mailbox from what it was told alone, as a good client keeps it; complains of what may not be told. */
import type { Answer, Dialogue } from './dialogue.ts';

export interface Known {
  uid: number | undefined;
  /** Sorted; undefined: not told yet. */
  flags: string | undefined;
}

const flagsIn = (line: string): string | undefined => {
  const [, flags] = /FLAGS \(([^)]*)\)/.exec(line) ?? [];
  return flags?.split(' ').sort().join(' ');
};

export class Picture {
  readonly client: Dialogue;
  private readonly byUid: boolean;
  messages: Known[] = [];
  uidValidity = 0;
  highestModseq = 0;
  readonly complaints: string[] = [];

  /** @param byUid it turned QRESYNC on. */
  constructor(client: Dialogue, byUid = false) {
    this.client = client;
    this.byUid = byUid;
  }

  async select(box: string): Promise<void> {
    this.messages = [];
    this.hear(await this.client.ok(`SELECT ${box}`), true);
    await this.run('FETCH 1:* (UID FLAGS)');
  }

  /** RFC 7162 §3.2.5: comes back with what it knew. */
  async resync(box: string): Promise<void> {
    const { uidValidity, highestModseq } = this;
    const uids = this.messages.flatMap((m) => m.uid ?? []);
    const known = uids.length > 0 ? ` ${uids.join(',')}` : '';
    const before = new Map(this.messages.map((m) => [m.uid, m.flags]));
    const lines = await this.client.ok(`SELECT ${box} (QRESYNC (${uidValidity} ${highestModseq}${known}))`);
    const gone = new Set(lines.flatMap((l) => (l.startsWith('* VANISHED (EARLIER)') ? numbers(l) : [])));
    this.messages = [...before].filter(([uid]) => !gone.has(uid ?? 0)).map(([uid, flags]) => ({ uid, flags }));
    this.hear(
      lines.filter((l) => !l.startsWith('* VANISHED')),
      true,
    );
    await this.run('FETCH 1:* (UID FLAGS)');
  }

  async run(command: string, ...literals: string[]): Promise<Answer> {
    const answer = await this.client.run(command, ...literals);
    if (answer.status === 'BYE') this.complaints.push(`${command}: ${answer.text}`);
    // RFC 9051 §7.5.1
    const still = /^(FETCH|STORE|SEARCH)/.test(command);
    this.hear(answer.lines, !still);
    // Whoever is told of expunges by UID must know the UIDs.
    const unknown = this.messages.findIndex((m) => m.uid === undefined);
    if (this.byUid && unknown >= 0 && !command.startsWith('FETCH')) await this.run(`FETCH ${unknown + 1}:* (UID)`);
    return answer;
  }

  hear(lines: readonly string[], expungeAllowed: boolean): void {
    for (const line of lines) {
      const [, number, word] = /^\* (\d+) (EXISTS|EXPUNGE|FETCH)/.exec(line) ?? [];
      const n = Number(number);
      if (word === 'EXISTS') this.exists(n);
      else if (word === 'EXPUNGE') this.expunge(n, expungeAllowed);
      else if (word === 'FETCH') this.fetched(n, line);
      else if (line.startsWith('* VANISHED')) this.vanished(numbers(line), expungeAllowed);
      this.uidValidity = Number(/UIDVALIDITY (\d+)/.exec(line)?.[1] ?? this.uidValidity);
      this.highestModseq = Math.max(this.highestModseq, Number(/MODSEQ \(?(\d+)/.exec(line)?.[1] ?? 0));
    }
  }

  private exists(n: number): void {
    if (n < this.messages.length) this.complaints.push(`EXISTS ${n} of ${this.messages.length}`);
    while (this.messages.length < n) this.messages.push({ uid: undefined, flags: undefined });
  }
  private expunge(n: number, allowed: boolean): void {
    if (!allowed) this.complaints.push(`EXPUNGE ${n} at a time when numbers hold`);
    if (n < 1 || n > this.messages.length) this.complaints.push(`EXPUNGE ${n} of ${this.messages.length}`);
    this.messages.splice(n - 1, 1);
  }
  private vanished(uids: readonly number[], allowed: boolean): void {
    if (!allowed) this.complaints.push('VANISHED at a time when numbers hold');
    for (const uid of uids) {
      const at = this.messages.findIndex((m) => m.uid === uid);
      if (at < 0) this.complaints.push(`VANISHED ${uid}, which is not known`);
      else this.messages.splice(at, 1);
    }
  }
  private fetched(n: number, line: string): void {
    const message = this.messages[n - 1];
    if (!message) {
      this.complaints.push(`FETCH ${n} of ${this.messages.length}`);
      return;
    }
    const told = /UID (\d+)/.exec(line)?.[1];
    if (told !== undefined && message.uid !== undefined && message.uid !== Number(told))
      this.complaints.push(`number ${n} was ${message.uid} and is ${told}`);
    if (told !== undefined) message.uid = Number(told);
    message.flags = flagsIn(line) ?? message.flags;
  }
}

const numbers = (line: string): number[] =>
  (/([\d:,]+)$/.exec(line)?.[1] ?? '').split(',').flatMap((range) => {
    const [low = 0, high = low] = range.split(':').map(Number);
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  });
