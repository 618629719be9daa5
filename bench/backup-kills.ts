/**
 * kill -9 of the process of `congvu backup` at random moments, beside an installation that changes; the next one goes through, and a restore
 * gives all of it. Usage: npx tsx bench/backup-kills.ts [--kills 100] [--dialect sqlite|pg] [--seed 1] [--every 5]
 */
import { populate } from '../test/support/people.ts';
import { install } from '../test/support/server.ts';
import { startPostgres } from '../test/setup/postgres.ts';
import { killBackups } from './faults/backup-kills.ts';
import { argument, report } from './lib/figures.ts';

const dialect = process.argv.includes('pg') ? 'pg' : 'sqlite';
const kills = argument('--kills', 100);
const seed = argument('--seed', Date.now() % 1_000_000);
const postgres = dialect === 'pg' ? await startPostgres() : undefined;
const installation = await install(postgres ? { databaseUrl: `${postgres.url}postgres` } : {});
let faults: readonly string[] = ['it broke off'];
try {
  report({ test: 'kill -9 of a backup', dialect, seed, kills });
  await populate(installation);
  const address = 'hungnv@caoson.gov.vn';
  const outcome = await killBackups(installation, { kills, seed, every: argument('--every', 5), address });
  report({ ...outcome });
  ({ faults } = outcome);
} finally {
  await installation.dispose();
  await postgres?.stop();
}
process.exit(faults.length > 0 ? 1 : 0);
