/** What CI relies on: a failed test fails the run, also after our PostgreSQL was started and stopped. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { packageRoot } from '../src/base/paths.ts';

it('a run with a failed test ends with an error', async () => {
  const folder = await mkdtemp(join(packageRoot, 'node_modules', '.congvu-'));
  try {
    await writeFile(join(folder, 'red.test.js'), "import { it } from 'vitest'; it('fails', () => { throw 1; });");
    const setup = join(packageRoot, 'test/setup/postgres.ts');
    const config = { include: ['red.test.js'], exclude: [], globalSetup: [setup], root: folder };
    await writeFile(join(folder, 'vitest.config.mjs'), `export default { test: ${JSON.stringify(config)} };`);
    const vitest = join(packageRoot, 'node_modules/vitest/vitest.mjs');
    const run = spawn(process.execPath, [vitest, 'run', '--root', folder], { cwd: folder });
    let said = '';
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
    const code = await new Promise((resolve) => run.once('close', resolve));
    expect(said).toMatch(/1 failed/);
    expect(code).toBe(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
