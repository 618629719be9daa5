import { DatabaseSync } from '@photostructure/sqlite';
import { expect, it } from 'vitest';

import { storageFault } from './storage-faults.ts';

const coded = (code: string, cause?: Error) => Object.assign(new Error('x', cause && { cause }), { code });

it.each([
  [coded('ENOSPC'), 'storage.full'],
  [new Error('query failed', { cause: coded('53100') }), 'storage.full'],
  [new AggregateError([coded('ECONNREFUSED')]), 'storage.away'],
  [new Error('Connection terminated unexpectedly'), 'storage.away'],
  [new Error('query failed', { cause: coded('EAI_AGAIN') }), 'storage.away'],
  [coded('57P03'), 'storage.away'],
  [coded('25006'), 'storage.away'],
  [coded('53200'), 'storage.busy'],
  [coded('EMFILE'), 'storage.busy'],
  [coded('EIO'), 'storage.broken'],
  [coded('58P01'), 'storage.broken'],
  [coded('57014'), undefined],
  [coded('E58XX_NO_CODE'), undefined],
  [coded('23505'), undefined],
  [new TypeError('x is undefined'), undefined],
  ['a word', undefined],
])('%s is %s', (error, code) => {
  expect(storageFault(error)?.code).toBe(code);
});

it('knows the full disk and the lock of SQLite', () => {
  const db = new DatabaseSync(':memory:');
  db.exec('create table t (x); pragma max_page_count = 3');
  const insert = db.prepare('insert into t values (randomblob(3000))');
  let seen: unknown;
  for (let i = 0; i < 100 && seen === undefined; i++) {
    try {
      insert.run();
    } catch (error) {
      seen = error;
    }
  }
  expect(storageFault(seen)).toMatchObject({ code: 'storage.full', kind: 'unavailable' });
  db.close();
});
