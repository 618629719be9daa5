import { defineConfig } from 'vitest/config';

const node = { environment: 'node' as const, testTimeout: 30_000, hookTimeout: 60_000, globalSetup: ['test/setup/postgres.ts'] };

export default defineConfig({
  test: {
    projects: [
      { test: { ...node, name: 'server', include: ['src/**/*.test.ts'], exclude: ['src/web/client/**', '**/*.e2e.test.ts'] } },
      {
        resolve: { alias: { 'use-sync-external-store/shim/index.js': 'preact/compat', 'react-dom/client': 'preact/compat/client', react: 'preact/compat', 'react-dom': 'preact/compat', 'react/jsx-runtime': 'preact/jsx-runtime' } },
        test: { name: 'client', environment: 'jsdom', server: { deps: { inline: [/wouter/, /@tanstack/, /use-sync-external-store/, /@testing-library/] } }, include: ['src/web/client/**/*.test.{ts,tsx}'], setupFiles: ['test/setup/client.ts'], testTimeout: 20_000 },
      },
      { test: { ...node, name: 'flows', include: ['test/**/*.test.ts', 'src/**/*.e2e.test.ts'], testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false } },
    ],
  },
});
