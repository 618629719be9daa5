import { mkdtemp, rm } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { connect, LOG_BYTES } from './sqlite-connection.ts';

it('a write-ahead log that grew long gives its disk back when it begins anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'congvu-log-'));
  const file = join(folder, 'test.db');
  const connection = connect(file, { busyTimeout: 1000, readOnly: false });
  const logBytes = () => statSync(`${file}-wal`).size;
  connection.exec('create table t (b blob)');
  connection.exec(`insert into t values (zeroblob(${LOG_BYTES + 8 * 1024 * 1024}))`);
  expect(logBytes()).toBeGreaterThan(LOG_BYTES + 8 * 1024 * 1024);
  connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
  connection.exec('insert into t values (null)');
  expect(logBytes()).toBe(LOG_BYTES);
  connection.close();
  await rm(folder, { recursive: true });
});
