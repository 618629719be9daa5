// What the browser loads before the mail screen stands: script, style and font, compressed as the server sends them. Fails over budget.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET = 150 * 1024;
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'client');
const manifestFile = join(dist, '.vite', 'manifest.json');
if (!existsSync(manifestFile)) {
  console.error('dist/client is missing: run npm run build first');
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));

/**
 * The entry and everything it imports statically; then the chunks that the mail screen asks for by itself. A chunk's `assets` are only named by
 * it: the signing worker starts with the first signature, fonts are found through the style sheets below.
 */
const files = new Set();
function take(key) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) take(imported);
}
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry && key.endsWith('index.html'));
take(entry);
// The help listener is mounted with the desk.
take('app/help.tsx');
// The one sheet (vite.config.ts); no chunk names it.
take('style.css');
// Fonts are named by the style sheet.
const styles = [...files].filter((file) => file.endsWith('.css')).map((file) => readFileSync(join(dist, file), 'utf8'));
for (const match of styles.join('\n').matchAll(/url\(["']?[^)"']*?(assets\/)?([\w.-]+\.woff2)/g))
  files.add(`assets/${match[2]}`);

const size = (file) => {
  const bytes = readFileSync(join(dist, file));
  return file.endsWith('.woff2') ? bytes.length : gzipSync(bytes, { level: 9 }).length;
};
const rows = [...files].map((file) => [size(file), file]).sort((a, b) => b[0] - a[0]);
const html = gzipSync(readFileSync(join(dist, 'index.html'))).length;
const total = rows.reduce((sum, [bytes]) => sum + bytes, html);
for (const [bytes, file] of rows) console.log(String(bytes).padStart(8), file);
console.log(String(html).padStart(8), 'index.html');
console.log(
  `${(total / 1024).toFixed(1)} KB of ${BUDGET / 1024} KB for the first load of the mail screen (gzip; fonts as they are)`,
);
if (total > BUDGET) {
  console.error('over budget');
  process.exit(1);
}
