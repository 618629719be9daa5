// npm test: does all set-up that the tests need, then runs them all. Arguments go to vitest: npm test -- src/smtp
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { build, checkNode, install, root, run, say } from './lib.mjs';

/** Package -> a program in it. Without these the tests of test/clients.test.ts say that they were left out. */
const mailClients = {
  isync: 'mbsync',
  offlineimap3: 'offlineimap',
  neomutt: 'neomutt',
  curl: 'curl',
  getmail6: 'getmail',
  fetchmail: 'fetchmail',
  alpine: 'alpine',
};

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

/** The real browser, GnuPG, swaks, mail clients: third-party programs that we are tested with. */
function installPrograms() {
  const needed = [];
  if (!browser()) needed.push('chromium');
  if (!onPath('gpg')) needed.push('gnupg');
  if (!onPath('swaks')) needed.push('swaks');
  const wanted = Object.keys(mailClients).filter((name) => which(mailClients[name]) === '');
  const missing = [...needed, ...wanted];
  if (missing.length === 0) return;
  const apt = onPath('apt-get') && (process.getuid?.() === 0 || onPath('sudo'));
  if (!apt) {
    if (wanted.length > 0) say(`Not installed, so their tests are left out: ${wanted.join(', ')}.`);
    if (needed.length === 0) return;
    say(`The tests drive real programs; please install: ${needed.join(', ')} (or name a browser by CHROMIUM=/path).`);
    process.exit(1);
  }
  say(`Installing ${missing.join(', ')}…`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const aptGet = (...args) =>
    run([...sudo, 'apt-get'][0], [...sudo.slice(1), ...(sudo.length ? ['apt-get'] : []), ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  aptGet('update', '-qq');
  const known = missing.filter((name) => spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) say(`Not packaged here, so their tests are left out: ${unknown.join(', ')}.`);
  aptGet('install', '-y', '-qq', '--no-install-recommends', ...missing.filter((name) => !unknown.includes(name)));
}
