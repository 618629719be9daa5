/** What the directory's commands need and share. */
import { readFile } from 'node:fs/promises';

import { DomainError, isDomainError } from '../base/errors.ts';
import type { RowError } from '../directory/import-messages.ts';
import type { ImportResult } from '../directory/import.usecases.ts';
import type { Official, Unit } from '../directory/types.ts';
import type { Parts } from '../parts.ts';

export type DirectoryParts = Pick<Parts, 'db' | 'clock' | 'directory' | 'credentials' | 'imports'> & {
  signing: Pick<Parts['signing'], 'retireKeysOf'>;
};
export type WithDirectory = <T>(work: (parts: DirectoryParts) => Promise<T>) => Promise<T>;

/** In the audit log. */
export const actor = 'cli';

export interface ImportFlags {
  dryRun?: boolean;
  json?: boolean;
  language?: string;
}

export async function runImport(
  withParts: WithDirectory,
  noun: 'units' | 'officials',
  file: string,
  flags: ImportFlags,
): Promise<void> {
  const bytes = await readFile(file);
  const language = flags.language === 'en' ? 'en' : 'vi';
  try {
    const result = await withParts(({ imports }) =>
      imports[noun](bytes, { dryRun: flags.dryRun ?? false, language, actor }),
    );
    print(result, flags.json ?? false);
    if (result.errors.length > 0) process.exitCode = 1;
  } catch (error) {
    if (!isDomainError(error, 'import.rejected')) throw error;
    // Made by our own import of this shape.
    const errors = error.details['errors'] as RowError[];
    if (flags.json) console.log(JSON.stringify({ dryRun: false, errors }, null, 2));
    else printErrors(errors);
    process.exitCode = 1;
  }
}

function print(result: ImportResult, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(result, null, 2));
    return;
  }
  for (const { line, action, key, name, changes, password } of result.rows) {
    if (action === 'unchanged') continue;
    console.log([`line ${line}`, action, key, name, changes.join(','), password ?? ''].join('\t').trimEnd());
  }
  console.log(
    `${result.dryRun ? 'would be: ' : ''}${result.created} created, ${result.updated} updated, ${result.unchanged} unchanged`,
  );
  printErrors(result.errors);
}

function printErrors(errors: readonly RowError[]): void {
  for (const { line, message } of errors) console.error(`line ${line}: ${message}`);
  if (errors.length > 0) console.error(`${errors.length} error(s): nothing is imported as long as one row is wrong`);
}

export async function expectUnit({ directory }: DirectoryParts, code: string): Promise<Unit> {
  const unit = await directory.unit({ code });
  if (!unit) throw new DomainError('notFound', 'unit.not_found', `there is no unit ${code}`);
  return unit;
}

export async function expectOfficial({ directory }: DirectoryParts, address: string): Promise<Official> {
  const official = await directory.official({ address });
  if (!official) throw new DomainError('notFound', 'official.not_found', `nobody has the address ${address}`);
  return official;
}
