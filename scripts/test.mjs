// npm test: does all set-up that the tests need, then runs them all. Arguments go to vitest: npm test -- src/smtp
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { build, checkNode, install, root, run, say } from './lib.mjs';

checkNode();
install();
build();
installPrograms();
const env = { ...process.env, CHROMIUM: browser() };
const done = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env },
);
process.exit(done.status ?? 1);

function onPath(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function browser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
    if (onPath(name)) return name === 'chromium' && existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : which(name);
  }
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(mac) ? mac : undefined;
}

function which(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
}

/** The real browser, GnuPG and swaks: third-party programs that we are tested with. */
function installPrograms() {
  const missing = [];
  if (!browser()) missing.push('chromium');
  if (!onPath('gpg')) missing.push('gnupg');
  if (!onPath('swaks')) missing.push('swaks');
  if (missing.length === 0) return;
  const apt = onPath('apt-get') && (process.getuid?.() === 0 || onPath('sudo'));
  if (!apt) {
    say(`The tests drive real programs; please install: ${missing.join(', ')} (or name a browser by CHROMIUM=/path).`);
    process.exit(1);
  }
  say(`Installing ${missing.join(', ')}…`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const aptGet = (...args) =>
    run([...sudo, 'apt-get'][0], [...sudo.slice(1), ...(sudo.length ? ['apt-get'] : []), ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', ...missing);
}
