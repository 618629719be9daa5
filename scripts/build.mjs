// Bundles the server (esbuild), its workers, the command line, and the web client (vite) into dist/.
import { readdirSync, rmSync, existsSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const only = process.argv[2]; // "server" or "client"

/** Each src/**\/*.worker.ts becomes dist/workers/<name>.js (see src/base/worker-pool.ts); tests' own workers and the browser's do not. */
function workers(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.worker.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.includes(`${sep}testing${sep}`) && !file.includes(join('web', 'client')));
}

if (only !== 'client') {
  const shared = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  };
  for (const old of ['server', 'workers']) rmSync(join(dist, old), { recursive: true, force: true });
  await build({ ...shared, entryPoints: [join(root, 'src/cli/congvu.ts')], outdir: join(dist, 'server') });
  for (const entry of workers(join(root, 'src'))) {
    await build({
      ...shared,
      entryPoints: [entry],
      outfile: join(dist, 'workers', basename(entry).replace('.worker.ts', '.js')),
    });
  }
}
if (only !== 'server' && existsSync(join(root, 'vite.config.ts'))) {
  const vite = await import('vite');
  await vite.build({ root: join(root, 'src/web/client'), configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}
