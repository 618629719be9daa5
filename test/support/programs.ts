/** Third-party programs: run to their end, or driven like a person at a terminal. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** scripts/test.mjs installs them where it can; elsewhere their tests say that they were left out. */
export const installed = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

export interface Ended {
  code: number | null;
  output: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Not as root: getmail refuses. */
  nobody?: boolean;
}

const NOBODY = 65_534;

/** @throws when it ends with anything but 0 */
export async function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, output } = await tryProgram(program, args, options);
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${output}`);
  return output;
}

export function tryProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const asNobody = options.nobody === true && process.getuid?.() === 0;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
    env: { ...process.env, ...options.env },
  });
  const out: Buffer[] = [];
  child.stdout.on('data', (c: Buffer) => out.push(c));
  child.stderr.on('data', (c: Buffer) => out.push(c));
  return new Promise((resolve, reject) =>
    child.on('error', reject).on('close', (code) => resolve({ code, output: Buffer.concat(out).toString() })),
  );
}

/** Milliseconds without anything drawn: it waits for keys. */
const QUIET = 150;

/** A full-screen program on a terminal that `script` makes. */
export class Terminal {
  private readonly child: ChildProcess;
  private screen = '';
  private seen = 0;
  private wake: () => void = () => undefined;
  private over = false;

  constructor(command: string, env: Record<string, string>) {
    this.child = spawn('script', ['-qefc', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', ...env },
    });
    this.child.stdout?.on('data', (c: Buffer) => {
      this.screen += c.toString();
      this.wake();
    });
    this.child.on('close', () => {
      this.over = true;
      this.wake();
    });
  }

  /** Waits until it shows this, after what was waited for before. */
  async shows(what: RegExp, ms = 10_000): Promise<void> {
    const end = Date.now() + ms;
    for (;;) {
      const found = what.exec(plain(this.screen.slice(this.seen)));
      if (found) {
        this.seen = this.screen.length;
        return;
      }
      if (this.over || Date.now() > end)
        throw new Error(`it never showed ${String(what)}:\n${plain(this.screen).slice(-3000)}`);
      await this.more(end - Date.now());
    }
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /**
   * Types keys and waits for what they bring. A program may throw away what was typed before it began to listen: they are typed once
   * it has drawn its question to the end, and again as long as it shows nothing.
   */
  async answer(keys: string, shows: RegExp, ms = 10_000): Promise<void> {
    const end = Date.now() + ms;
    while (Date.now() < end) {
      await this.quiet(end);
      const before = this.screen.length;
      this.type(keys);
      const silent = Math.min(Date.now() + 1500, end);
      while (this.screen.length === before && !this.over && Date.now() < silent) await this.more(silent - Date.now());
      if (this.screen.length > before || this.over) break;
    }
    await this.shows(shows, Math.max(end - Date.now(), 1));
  }

  /** Nothing was drawn for a moment. */
  private async quiet(end: number): Promise<void> {
    for (let before = -1; before < this.screen.length && !this.over && Date.now() < end;) {
      before = this.screen.length;
      await pause(QUIET);
    }
  }

  async ended(ms = 10_000): Promise<void> {
    const end = Date.now() + ms;
    while (!this.over) {
      if (Date.now() > end) throw new Error(`it did not end:\n${plain(this.screen).slice(-3000)}`);
      await this.more(end - Date.now());
    }
  }

  stop(): void {
    if (!this.over) this.child.kill('SIGKILL');
  }

  private more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(ms, 1));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Without the terminal's control sequences; a jump of the cursor is a space. */
const plain = (text: string): string =>
  text
    .replace(/\x1b\[[0-9;?]*[Hd]/g, ' ')
    .replace(/\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])/g, '')
    .replace(/[\0\b\x0e\x0f]/g, '');
