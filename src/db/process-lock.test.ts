import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { packageRoot } from '../base/paths.ts';
import { holdLock } from './process-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'congvu-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('one has it at a time; who waits gets it when it is given back', async () => {
  const file = join(folder, 'one');
  const release = await holdLock(file, 0);
  expect(await holdLock(file, 0)).toBeUndefined();
  const next = holdLock(file, 5000);
  release?.();
  (await next)?.();
});

it('another process has it until it is killed', async () => {
  const file = join(folder, 'two');
  const holder = spawn(
    process.execPath,
    [
      ...['--input-type=module', '-e'],
      `import { DatabaseSync } from '@photostructure/sqlite';
      const db = new DatabaseSync(process.argv[1]); db.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => db, 1000);`,
      file,
    ],
    { cwd: packageRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  expect(await holdLock(file, 0)).toBeUndefined();
  holder.kill('SIGKILL');
  const release = await holdLock(file, 5000);
  expect(release).toBeDefined();
  release?.();
});
