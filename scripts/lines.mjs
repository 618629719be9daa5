// Lines of code and of tests, by area.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files', 'src/*.ts', 'src/*.tsx', 'src/*.css', 'test/*.ts'], { encoding: 'utf8' })
  .trim()
  .split('\n');
const totals = {};
for (const file of files) {
  const area = file.startsWith('test/')
    ? 'flows'
    : file.startsWith('src/web/client')
      ? 'client'
      : file.startsWith('src/web')
        ? 'web server'
        : (file.split('/')[1] ?? '').replace(/\.ts$/, '');
  const isTest = file.startsWith('test/') || /\.test\.tsx?$|\.contract\.ts$|\/testing\//.test(file);
  const lines = readFileSync(file, 'utf8').split('\n').length;
  totals[area] ??= { code: 0, test: 0 };
  totals[area][isTest ? 'test' : 'code'] += lines;
}
const sum = Object.values(totals).reduce((a, b) => ({ code: a.code + b.code, test: a.test + b.test }), {
  code: 0,
  test: 0,
});
console.table({ ...totals, all: sum });
