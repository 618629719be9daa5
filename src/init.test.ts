import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { createLog } from './base/log.ts';
import { loadConfig } from './config.ts';
import { initialise } from './init.ts';
import { createMasterKey } from './installation.ts';
import { openParts } from './parts.ts';

it('a fresh installation keeps mail for the postmaster and has its keys, made once', async () => {
  const data = await mkdtemp(join(tmpdir(), 'congvu-init-'));
  await createMasterKey(data);
  const parts = await openParts(loadConfig({ env: {}, data }), { log: createLog('silent') });
  try {
    const fingerprint = await initialise(parts);
    expect(await initialise(parts)).toBe(fingerprint);
    const message = await parts.mailstore.prepare(Buffer.from('From: a@example.org\r\nSubject: x\r\n\r\ny\r\n'));
    const envelope = {
      mailFrom: 'a@example.org',
      rcptTo: [{ address: 'Postmaster@caoson.gov.vn' }, { address: 'abuse@caoson.gov.vn' }],
      smtpUtf8: false,
    };
    const outcome = await parts.delivery.receive(message, envelope, {
      remote: '192.0.2.1',
      authentication: undefined,
      mailbox: 'inbox',
    });
    expect(outcome.delivered).toHaveLength(1);
  } finally {
    await parts.close();
    await rm(data, { recursive: true, force: true });
  }
});
