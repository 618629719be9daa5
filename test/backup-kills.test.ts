/** The process of `congvu backup` is killed in the middle of its work: what was there stays, and the next one goes through at once. */
import { expect, inject, it } from 'vitest';

import { killBackups } from '../bench/faults/backup-kills.ts';
import { freshPostgres } from './support/databases.ts';
import { populate } from './support/people.ts';
import { install } from './support/server.ts';

// A hundred of them, with other seeds: bench/backup-kills.ts.
it.each([
  ['sqlite', 1],
  ['pg', 2],
] as const)(
  'kill -9 of a backup on %s leaves a folder that the next one goes on with, and all of it comes back',
  async (dialect, seed) => {
    const database = dialect === 'pg' ? await freshPostgres(inject('pgUrl')) : undefined;
    const installation = await install(database ? { databaseUrl: database.url } : {});
    try {
      await populate(installation);
      const run = { kills: 4, seed, every: 4, address: 'hungnv@caoson.gov.vn' };
      const { moments, finished, faults } = await killBackups(installation, run);
      expect(faults).toEqual([]);
      expect(moments.early + moments.packs + moments.late + finished).toBe(run.kills);
      expect(finished).toBeLessThan(run.kills);
    } finally {
      await installation.dispose();
      await database?.drop();
    }
  },
);
