import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

const node = {
  environment: 'node' as const,
  testTimeout: 30_000,
  hookTimeout: 60_000,
  globalSetup: ['test/setup/postgres.ts'],
};

/** The browser client runs on preact, as in vite.config.ts. */
const preact = {
  'use-sync-external-store/shim/index.js': 'preact/compat',
  'react-dom/client': 'preact/compat/client',
  react: 'preact/compat',
  'react-dom': 'preact/compat',
  'react/jsx-runtime': 'preact/jsx-runtime',
};

export default defineConfig({
  test: {
    // Tests wait for sockets as often as they compute: never one at a time.
    maxWorkers: Math.max(2, availableParallelism()),
    // The files of one worker share their modules: each is read once, not a hundred times. So no test changes
    // a module's state or the process's environment without putting it back.
    isolate: false,
    // What is polled for comes at once; a busy machine may need longer than the second that is usual.
    expect: { poll: { timeout: 10_000, interval: 10 } },
    projects: [
      {
        extends: true,
        test: {
          ...node,
          name: 'server',
          include: ['src/**/*.test.ts'],
          exclude: ['src/web/client/**', '**/*.e2e.test.ts'],
        },
      },
      {
        extends: true,
        resolve: { alias: preact },
        test: {
          name: 'client',
          environment: 'jsdom',
          server: { deps: { inline: [/wouter/, /@tanstack/, /use-sync-external-store/, /@testing-library/] } },
          include: ['src/web/client/**/*.test.{ts,tsx}'],
          setupFiles: ['test/setup/client.ts'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          ...node,
          name: 'flows',
          include: ['test/**/*.test.ts', 'src/**/*.e2e.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // After the others: these start servers and browsers of their own.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
