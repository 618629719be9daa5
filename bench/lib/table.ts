/** The judged lines as a Markdown table, which reads in a terminal too. */
import { targetText, type Judged } from './rows.ts';

const HEAD = ['work', 'ours', 'peer', 'ours / peer', 'target', ''];

export function table(lines: readonly Judged[]): string {
  const cells = [HEAD, ...lines.map(cellsOf)];
  const widths = HEAD.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const text = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  text.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return text.join('\n');
}

function cellsOf(line: Judged): string[] {
  const show = (value: number | undefined) => (value === undefined ? '–' : `${value} ${line.unit}`.trim());
  const others = line.others.map(({ store, value }) => `; ${store} ${value}`).join('');
  const peer =
    line.peer === undefined ? '–' : `${line.against} ${show(line.peer)}${line.isRecorded ? ' (recorded)' : ''}`;
  return [
    line.work,
    show(line.ours),
    `${peer}${others}`,
    line.ratio === undefined ? '' : `${Number(line.ratio.toPrecision(2))}×`,
    targetText(line),
    line.reached === undefined ? '' : line.reached ? 'reached' : 'NOT reached',
  ];
}
