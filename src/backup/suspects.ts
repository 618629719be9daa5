/**
 * What `--verify` or pruning found damaged in the packs, one name in a line. The next backup copies it anew, if the store still has it.
 * The packs stay as they are: a disk that reads wrongly today may read well tomorrow.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeDurably } from './durable.ts';

const pathIn = (folder: string): string => join(folder, 'damaged');

/** Kind and key of each. */
export async function readSuspects(folder: string): Promise<Set<string>> {
  const text = await readFile(pathIn(folder), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  });
  return new Set(text.split('\n').filter((line) => /^[tprf][0-9a-f]{64}$/.test(line)));
}

/** Where nothing can be written nothing is copied anew either. */
export async function writeSuspects(folder: string, suspects: ReadonlySet<string>): Promise<void> {
  try {
    await writeDurably(pathIn(folder), [...suspects, ''].join('\n'));
  } catch (error) {
    if (!['EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
