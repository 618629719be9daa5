/**
 * A message that ends the process (or makes somebody end it) whenever it is delivered must not end every start. The file is there
 * from the beginning of a start that has mail to deliver until its end. Found there, the start before did not end well: now they are
 * delivered one by one, and the file says which. The one found in it is left out.
 *
 * Nothing is synced: it is about processes that end, and after a power cut nobody is to be suspected.
 */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StartGuard {
  readonly oneByOne: boolean;
  /** SHA-256 of the message that was being delivered alone when the start before ended. */
  readonly suspect: string | undefined;
  trying(hash: string): void;
  done(): void;
}

export function beginStart(folder: string): StartGuard {
  const file = join(folder, 'starting');
  const before = read(file);
  // A disk without room must not end the start either.
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch {
      return;
    }
  };
  attempt(() => writeFileSync(file, '', { mode: 0o600 }));
  return {
    oneByOne: before !== undefined,
    suspect: before === '' ? undefined : before,
    trying: (hash) => attempt(() => writeFileSync(file, hash)),
    done: () => attempt(() => unlinkSync(file)),
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
