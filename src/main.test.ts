import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { createLog } from './base/log.ts';
import { loadConfig } from './config.ts';
import { createMasterKey } from './installation.ts';
import { start } from './main.ts';
import { openSuspects } from './mailstore/preparing/suspects.ts';
import { openParts, SUSPECTS } from './parts.ts';

it('a data folder has one server at a time, whatever ports they have; the next may wait for the end of the one before', async () => {
  const data = await mkdtemp(join(tmpdir(), 'congvu-two-'));
  await createMasterKey(data);
  // 0 turns a listener off.
  const off = ['http', 'https', 'smtp', 'submission', 'submissions', 'imap', 'imaps'].map((name) => `${name} = 0\n`);
  await writeFile(join(data, 'congvu.toml'), `[listen]\n${off.join('')}`);
  const opened = () => openParts(loadConfig({ env: {}, data }), { log: createLog('silent') });
  const first = await start(await opened());
  await expect(start(await opened(), { patience: 0 })).rejects.toThrow('another server is running');
  const waiting = start(await opened());
  await first.stop();
  await (await waiting).stop();
  await rm(data, { recursive: true });
});

it('a message that ended the server while it was taken apart is known to the next one', async () => {
  const data = await mkdtemp(join(tmpdir(), 'congvu-suspects-'));
  await createMasterKey(data);
  const file = join(data, SUSPECTS);
  const bytes = Buffer.from('Subject: x\r\n\r\n');
  const ended = openSuspects(file, createLog('silent'));
  ended.trying(bytes);
  ended.close();
  const mark = (await readFile(file)).subarray(0, 8);
  const parts = await openParts(loadConfig({ env: {}, data }), { log: createLog('silent') });
  await parts.mailstore.prepare(Buffer.from('Subject: y\r\n\r\n'));
  await parts.close();
  // No longer the one under way, but one of those before.
  expect((await readFile(file)).subarray(0, 16)).toEqual(Buffer.concat([Buffer.alloc(8), mark]));
  await rm(data, { recursive: true });
});
