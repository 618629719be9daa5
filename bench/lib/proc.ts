/** CPU time and memory of a server, as Linux accounts them: all processes below the given ones, with their threads. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Usage {
  processes: number;
  /** Of all threads, and of children that ended and were waited for. */
  cpuSeconds: number;
  rssMb: number;
  /** What several processes share is counted once. */
  pssMb: number;
}

interface Process {
  parent: number;
  ticks: number;
  rss: number;
}

/** Clock ticks of a second in /proc, on every Linux. */
const HERTZ = 100;
const PAGE = 4096;

export function usageOf(roots: readonly number[]): Usage {
  const tree = treeOf(roots);
  let [ticks, rss, pss] = [0, 0, 0];
  for (const [pid, process] of tree) {
    ticks += process.ticks;
    rss += process.rss;
    pss += pssOf(pid);
  }
  const mb = (bytes: number) => Math.round(bytes / 104_857.6) / 10;
  return { processes: tree.size, cpuSeconds: ticks / HERTZ, rssMb: mb(rss), pssMb: mb(pss) };
}

export function cpuOf(roots: readonly number[]): number {
  let ticks = 0;
  for (const process of treeOf(roots).values()) ticks += process.ticks;
  return ticks / HERTZ;
}

/** A profiler keeps the server busy all the time: then less. */
const PATIENCE = Number(process.env['BENCH_SETTLE'] ?? 300);

/** Waits until the server has nothing left to do: index, checkpoint, queue. @returns false when it never came to rest. */
export async function settled(roots: readonly number[], limitSeconds = PATIENCE): Promise<boolean> {
  const end = performance.now() + limitSeconds * 1000;
  let before = cpuOf(roots);
  for (let quiet = 0; performance.now() < end;) {
    await sleep(300);
    const now = cpuOf(roots);
    quiet = now - before <= 0.02 ? quiet + 1 : 0;
    // Longer than our index waits for more mail.
    if (quiet === 5) return true;
    before = now;
  }
  return false;
}

function treeOf(roots: readonly number[]): Map<number, Process> {
  const all = new Map<number, Process>();
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const process = Number.isInteger(pid) ? processOf(pid) : undefined;
    if (!process) continue;
    all.set(pid, process);
    children.set(process.parent, [...(children.get(process.parent) ?? []), pid]);
  }
  const tree = new Map<number, Process>();
  for (const waiting = [...roots]; waiting.length > 0;) {
    const pid = waiting.pop() ?? 0;
    const process = all.get(pid);
    if (!process || tree.has(pid)) continue;
    tree.set(pid, process);
    waiting.push(...(children.get(pid) ?? []));
  }
  return tree;
}

function processOf(pid: number): Process | undefined {
  const stat = contentOf(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  // proc(5): the name in parentheses may hold anything; after it come state, ppid, … utime, stime, cutime, cstime, … rss.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const sum = (...at: number[]) => at.reduce((total, i) => total + Number(fields[i] ?? 0), 0);
  return { parent: sum(1), ticks: sum(11, 12, 13, 14), rss: sum(21) * PAGE };
}

function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(contentOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

/** Processes end while one looks at them. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
