/** Reads workbooks in a thread that may come to harm: what is in them is somebody's, and the library that reads them has no limits. */
import { createWorkerPool, endsItsThread, TaskError } from '../base/worker-pool.ts';
import type { SheetRow, WorkbookTask } from './workbook.worker.ts';

/** Milliseconds; 20,000 rows take one second. */
const LONGEST = 60_000;

/**
 * Rows of the first sheet that have something in them.
 * @param most rows @param heapMb what the thread may take of memory
 */
export async function readWorkbook(
  bytes: Uint8Array,
  { most, heapMb }: { most: number; heapMb: number },
): Promise<SheetRow[] | 'too large' | 'unreadable'> {
  const pool = createWorkerPool<WorkbookTask, SheetRow[]>({
    name: 'workbook',
    source: new URL('./workbook.worker.ts', import.meta.url),
    ...{ size: 1, taskMs: LONGEST, heapMb, queue: 1 },
  });
  try {
    return await pool.run({ bytes, most });
  } catch (error) {
    if (error instanceof TaskError) return 'unreadable';
    if (endsItsThread(error)) return 'too large';
    throw error;
  } finally {
    await pool.close();
  }
}
