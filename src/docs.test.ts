import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { packageRoot } from './base/paths.ts';
import { createProgram } from './cli/program.ts';

const here = (name: string) => join(packageRoot, name);
const pages = ['README.md', 'bench/README.md', ...readdirSync(here('docs')).map((name) => `docs/${name}`)];

describe.each(pages)('%s', (page) => {
  const text = readFileSync(here(page), 'utf8');
  const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside = '']) => inside);

  it('names files that exist', () => {
    // A folder alone may be one of a data folder or of a web address; with a name of ours in front it is the repository's.
    const named = code.filter(
      (word) => /^[a-z][\w-]*\/[\w./*-]+$/.test(word) && /\.(ts|mjs|md|toml|sh)$|\/$/.test(word),
    );
    const roots = page === 'docs/rfc.md' ? ['src'] : ['', 'src'];
    const missing = named.filter(
      (word) => !word.includes('*') && !roots.some((root) => existsSync(here(join(root, word)))),
    );
    expect(missing.filter((word) => !/^(blobs|tls)\//.test(word))).toEqual([]);
  });

  it('names commands that exist', () => {
    const program = createProgram();
    const lines = [...code, ...[...text.matchAll(/^(?:node bin\/)?congvu(?:\.mjs)? .*/gm)].map(([line]) => line)];
    const commands = lines
      .map((line) => /^(?:node bin\/)?congvu(?:\.mjs)? ([a-z-]+)(?: ([a-z-]+))?/.exec(line))
      .filter((m) => m !== null);
    for (const [line, name = '', sub = ''] of commands) {
      const command = program.commands.find((one) => one.name() === name);
      expect(command, line).toBeDefined();
      if (command && command.commands.length > 0 && sub !== '')
        expect(
          command.commands.map((one) => one.name()),
          line,
        ).toContain(sub);
    }
  });
});
