// Bundles the server (esbuild), its workers, the command line, and the web client (vite) into dist/.
import { readdirSync, rmSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const only = process.argv[2]; // "server" or "client"

/** Each src/**\/*.worker.ts becomes dist/workers/<name>.js (see src/base/worker-pool.ts). */
function workers(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && e.name.endsWith('.worker.ts') && !join(e.parentPath ?? e.path, e.name).includes(join('web', 'client')))
    .map((e) => join(e.parentPath ?? e.path, e.name));
}

if (only !== 'client') {
  const shared = { bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', sourcemap: true, logLevel: 'warning' };
  rmSync(join(dist, 'server'), { recursive: true, force: true });
  await build({ ...shared, entryPoints: [join(root, 'src/cli/congvu.ts')], outdir: join(dist, 'server') });
  for (const entry of workers(join(root, 'src'))) {
    await build({ ...shared, entryPoints: [entry], outfile: join(dist, 'workers', entry.split('/').at(-1).replace('.worker.ts', '.js')) });
  }
}
if (only !== 'server' && existsSync(join(root, 'vite.config.ts'))) {
  const vite = await import('vite');
  await vite.build({ root: join(root, 'src/web/client'), configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}
