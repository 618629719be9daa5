/** One connection whose every answer is held against the grammar and against what was said before. */
import type { Random } from '../../../base/testing/random.ts';
import type { Dialogue } from '../dialogue.ts';
import { expectResponse } from '../response-grammar.ts';

/** RFC 9051 §7.5.1, RFC 5256 §3 and §4: numbers must not change under the client's hands. */
const HOLDS_NUMBERS = /^(?:FETCH|STORE|SEARCH|SORT|THREAD) /;

export interface Answered {
  command: string;
  status: string;
  text: string;
  lines: string[];
}

export class Observer {
  private exists = 0;
  isSelected = false;
  private count = 0;
  readonly dialogue: Dialogue;
  private readonly enabled: { utf8?: boolean; qresync?: boolean };

  constructor(dialogue: Dialogue, enabled: { utf8?: boolean; qresync?: boolean } = {}) {
    this.dialogue = dialogue;
    this.enabled = enabled;
    dialogue.octets = true;
    dialogue.recent = true;
  }

  /** All at once, cut anywhere on the way. @throws Error when an answer is none */
  async burst(commands: readonly string[], cut: Random): Promise<Answered[]> {
    const tags = commands.map(() => `o${++this.count}`);
    const octets = Buffer.from(commands.map((command, i) => `${tags[i]} ${command}\r\n`).join(''));
    // Now and then octet by octet, so that literals and line ends come in two pieces.
    const most = cut.chance(0.1) ? 2 : octets.length + 1;
    for (let at = 0; at < octets.length;) {
      const next = at + 1 + cut.int(most);
      this.dialogue.raw(octets.subarray(at, next));
      at = next;
      if (cut.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
    }
    const answers: Answered[] = [];
    for (const [i, command] of commands.entries()) {
      const answer = await this.answer(command, tags[i] ?? '');
      answers.push(answer);
      if (answer.status === 'BYE') break;
    }
    return answers;
  }

  private async answer(command: string, tag: string): Promise<Answered> {
    const selects = /^(?:SELECT|EXAMINE) /.test(command);
    const before = this.exists;
    if (selects) this.exists = 0;
    const lines: string[] = [];
    for (;;) {
      const line = await this.line(command);
      if (line === undefined) return { command, status: 'BYE', text: lines.at(-1) ?? '', lines };
      try {
        expectResponse(line, this.enabled.utf8);
        if (line.startsWith('* ')) this.hold(line, command);
        else if (!line.startsWith(`${tag} `)) throw new Error(`the answer to ${tag} was awaited`);
      } catch (cause) {
        throw new Error(`${JSON.stringify(command)}: ${JSON.stringify(line.slice(0, 2000))}`, { cause });
      }
      if (line.startsWith(`${tag} `)) {
        const text = line.slice(tag.length + 1);
        const status = text.split(' ')[0] ?? '';
        // RFC 9051 §6.3.2: after a refused SELECT none is open; a command that is BAD changes nothing.
        if (selects && status === 'BAD') this.exists = before;
        else if (selects) this.isSelected = status === 'OK';
        if (/^(?:CLOSE|UNSELECT)/.test(command) && status === 'OK') this.isSelected = false;
        return { command, status, text, lines };
      }
      lines.push(line);
    }
  }

  private async line(command: string): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer to ${JSON.stringify(command)}`)), 20_000);
    });
    try {
      return await Promise.race([this.dialogue.line(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Message numbers are those that this connection was told. */
  private hold(line: string, command: string): void {
    const [, number, what] = /^\* (\d+) (EXISTS|EXPUNGE|FETCH|RECENT)/.exec(line) ?? [];
    const n = Number(number);
    if (what === 'EXISTS') {
      if (n < this.exists) throw new Error(`there were ${this.exists}`);
      this.exists = n;
    } else if (what !== undefined && n > this.exists) throw new Error(`there are only ${this.exists}`);
    const gone = what === 'EXPUNGE' ? 1 : this.vanished(line);
    if (gone === 0) return;
    if (HOLDS_NUMBERS.test(command)) throw new Error('numbers change while they hold');
    if (what === 'EXPUNGE' && this.enabled.qresync) throw new Error('VANISHED was asked for');
    this.exists -= gone;
    if (this.exists < 0) throw new Error('more are gone than were there');
  }

  /** How many; UIDs that were said before are still there. */
  private vanished(line: string): number {
    const set = /^\* VANISHED ([\d:,]+)$/.exec(line)?.[1];
    if (set === undefined) return 0;
    if (!this.enabled.qresync) throw new Error('VANISHED was not asked for');
    return set.split(',').reduce((sum, range) => {
      const [from = '0', to = from] = range.split(':');
      return sum + Number(to) - Number(from) + 1;
    }, 0);
  }
}
