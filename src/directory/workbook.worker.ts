/** The first sheet of a workbook as text, in a thread of its own: what somebody's file becomes in memory is known only afterwards. */
import { serveTasks } from '../base/worker-tasks.ts';

export interface WorkbookTask {
  bytes: Uint8Array;
  /** Rows with something in them that are given back at most; so that one knows that there are more. */
  most: number;
}
export interface SheetRow {
  /** As the person who opens the file sees it, from 1. */
  line: number;
  cells: string[];
}

serveTasks(async ({ bytes, most }: WorkbookTask): Promise<SheetRow[]> => {
  const { default: readExcel } = await import('read-excel-file/node');
  const [sheet] = (await readExcel(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) as {
    data: unknown[][];
  }[];
  const rows: SheetRow[] = [];
  for (const [i, row] of (sheet?.data ?? []).entries()) {
    if (rows.length >= most) break;
    const cells = row.map(text);
    while (cells.at(-1) === '') cells.pop();
    if (cells.length > 0) rows.push({ line: i + 1, cells });
  }
  return rows;
});

function text(cell: unknown): string {
  if (typeof cell === 'string') return cell.trim();
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : '';
}
