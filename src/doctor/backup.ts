/** When the last good backup was taken. */
import * as v from 'valibot';

import { LAST_BACKUP } from '../backup/backup.usecases.ts';
import type { Parts } from '../parts.ts';
import type { Finding } from './finding.ts';

const HOUR = 3_600_000;
/** A nightly backup that failed once. */
const LATE = 50 * HOUR;

const lastSchema = v.object({ at: v.number(), folder: v.string(), snapshot: v.string(), missing: v.number() });

export async function lastBackup({ facts, clock }: Parts): Promise<Finding> {
  const area = 'backup';
  const found = v.safeParse(lastSchema, await facts.get(LAST_BACKUP));
  const remedy = '"congvu backup <folder>" every night, see docs/admin.md';
  if (!found.success) return { level: 'warn', area, what: 'no backup was ever taken by "congvu backup"', remedy };
  const { at, folder, snapshot, missing } = found.output;
  const hours = Math.round((clock.now() - at) / HOUR);
  const what = `last backup ${hours} hour(s) ago: ${snapshot} in ${folder}`;
  if (missing > 0)
    return {
      level: 'warn',
      area,
      what: `${what}; ${missing} content(s) of the store could not be read`,
      remedy: '"congvu check --deep" names the messages',
    };
  return clock.now() - at > LATE ? { level: 'warn', area, what, remedy } : { level: 'ok', area, what };
}
