/** npm start as others end it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, it } from 'vitest';

import { packageRoot } from '../src/base/paths.ts';

it.skipIf(process.platform === 'win32')(
  'notices that the npm which started it was ended, and its shell with it',
  async () => {
    const lib = pathToFileURL(join(packageRoot, 'scripts/lib.mjs')).href;
    const script = `import { onOrphaned } from '${lib}';
    onOrphaned(() => { console.log('alone'); process.exit(); }, 20);
    setInterval(() => undefined, 1000);
    console.log('started');`;
    // The shell stays, as npm's does: what it started is not its last command.
    const command = `"${process.execPath}" --input-type=module -e "${script.replaceAll('\n', ' ')}" & wait`;
    const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    shell.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
    await expect.poll(() => said, { timeout: 20_000 }).toBe('started\n');
    const ended = once(shell.stdout, 'close');
    shell.kill('SIGTERM');
    await ended;
    expect(said).toBe('started\nalone\n');
  },
);
