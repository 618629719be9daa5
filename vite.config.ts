/// <reference types="vite/client" />
import { defineConfig, type Plugin } from 'vite';

const server = 'http://127.0.0.1:8080';

/** Chunks bring their styles in any order: each states the order of the layers, the first one seen counts. */
const layerOrder: Plugin = {
  name: 'congvu:layer-order',
  enforce: 'pre',
  transform: (code, id) =>
    /\/client\/.*\.css$/.test(id) ? `@layer reset, tokens, base, components, features, utilities;\n${code}` : null,
};

/**
 * The browser application. React's API on preact (docs/dependencies.md): dropping the aliases is the way back.
 * The editor, the PDF viewer and OpenPGP are chunks of their own, never part of the first load (npm run size).
 */
export default defineConfig({
  root: 'src/web/client',
  publicDir: 'public',
  plugins: [layerOrder],
  resolve: {
    alias: {
      // The runtime has the hook itself.
      'use-sync-external-store/shim/index.js': 'preact/compat',
      'react-dom/client': 'preact/compat/client',
      'react-dom': 'preact/compat',
      'react/jsx-runtime': 'preact/jsx-runtime',
      'react/jsx-dev-runtime': 'preact/jsx-runtime',
      react: 'preact/compat',
    },
  },
  worker: { format: 'es' },
  build: {
    outDir: '../../../dist/client',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // A data: URL would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One sheet, 4 KB more at first: the loader asks for a chunk's own sheet only once, and a line that broke just then left
    // that screen without style until the page was loaded anew.
    cssCodeSplit: false,
    rollupOptions: {
      // Whoever starts the demo for the first time need not read how long which plugin took.
      checks: { pluginTimings: false },
      output: {
        manualChunks: (id: string) => {
          if (/node_modules\/(@tiptap|prosemirror-|linkifyjs|orderedmap|rope-sequence|w3c-keyname)/.test(id))
            return 'editor';
          if (/node_modules\/pdfjs-dist/.test(id)) return 'pdfjs';
          if (/node_modules\/dompurify/.test(id)) return 'sanitise';
          if (/node_modules\/(preact|wouter|regexparam|use-sync-external-store|mitt|@tanstack)/.test(id))
            return 'runtime';
          return undefined;
        },
      },
    },
  },
  server: { proxy: { '/.well-known': server, '/jmap': server, '/api': server } },
});
