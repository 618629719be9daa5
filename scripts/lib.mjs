// Shared by start and test: is the installation fit, and what has to be done first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export function say(text) {
  process.stderr.write(`${text}\n`);
}

export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['inherit', 2, 2], ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    say(`\n${command} ${args.join(' ')} failed (${done.status ?? done.signal})`);
    process.exit(done.status || 1);
  }
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // As "engines" in package.json says.
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24;
  if (!fits) {
    say(`Công Vụ needs Node 20.19, 22.13, 24 or newer; this is ${process.version}.`);
    process.exit(1);
  }
}

/** npm ci, unless what is installed already fits the lock file. */
export function install({ loglevel = 'error' } = {}) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.congvu-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing packages…');
  // No package of ours needs an install script: binaries come inside the packages.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', `--loglevel=${loglevel}`], {
    shell: process.platform === 'win32',
  });
  writeFileSync(stamp, lock);
}

function newest(path) {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Builds dist/ when a source is newer than the last build. */
export function build() {
  const stamp = join(root, 'dist', '.built');
  const sources = ['src', 'scripts/build.mjs', 'package-lock.json', 'vite.config.ts', 'tsconfig.json'].map((p) =>
    newest(join(root, p)),
  );
  if (newest(stamp) > Math.max(...sources)) return;
  say('Building…');
  run(process.execPath, [join(root, 'scripts/build.mjs')]);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, new Date().toISOString());
}

const parent = process.ppid;

/** Once, when the process that started us is gone. Holds nothing up. */
export function onOrphaned(act, every = 500) {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, every);
  timer.unref();
}
