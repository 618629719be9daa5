/** CPU time and memory of a process, as Linux accounts them. */
import { readFileSync } from 'node:fs';

export interface ProcessFigures {
  cpuSeconds: number;
  rssMb: number;
  pssMb: number;
}

export function figuresOf(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  const round = (n: number) => Math.round(n * 10) / 10;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    rssMb: round((Number(fields[21]) * 4096) / 1048576),
    pssMb: round(Number(pss?.[1] ?? 0) / 1024),
  };
}
