// npm start: installs, builds and runs the demo province. `npm start -- --json` prints one JSON line on standard output.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { build, checkNode, install, onOrphaned, root } from './lib.mjs';

checkNode();
install();
build();
const child = spawn(process.execPath, [join(root, 'bin/congvu.mjs'), 'demo', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm that is ended takes its shell with it, and nobody tells us.
if (process.env.npm_lifecycle_event === 'start') onOrphaned(() => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0);
});
