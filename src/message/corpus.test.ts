/** Mail as others collected it, where the shared folder of it exists beside the repository. It is never copied. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { packageRoot } from '../base/paths.ts';
import { bodySection, decodePart } from './content.ts';
import { deriveMessage } from './derive.ts';
import { parseMessage } from './parse.ts';
import { findSignature } from './signed.ts';
import { allParts, cpuTime, expectImapSyntax, expectSoundTree } from './testing/invariants.ts';

const folder = join(packageRoot, '..', 'shared', 'corpus');
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.name !== 'README.md',
    )
  : [];

describe.skipIf(files.length === 0)('the shared corpus', () => {
  const folders = [...new Set(files.map((file) => relative(folder, file.parentPath)))].sort();

  it.each(folders)('%s: every message is read, in time, with a sound tree', (of) => {
    for (const file of files.filter((each) => relative(folder, each.parentPath) === of)) {
      const raw = readFileSync(join(file.parentPath, file.name));
      const bytes = file.name.endsWith('.gz') ? gunzipSync(raw) : raw;
      expect(
        cpuTime(() => deriveMessage(bytes)),
        file.name,
      ).toBeLessThan(2000);
      const derived = deriveMessage(bytes);
      const parsed = parseMessage(bytes);
      expectSoundTree(bytes, parsed);
      expectImapSyntax(derived.imapEnvelope);
      expectImapSyntax(derived.imapBodyStructure);
      findSignature(parsed, bytes);
      for (const part of allParts(parsed.root)) {
        decodePart(bytes, part);
        if (part.message) expectSameAlone(bytes, parsed.root, part.path, allParts(part.message.root).length);
      }
    }
  });
});

/** A forwarded message cut out of its place has as many parts as in it. */
function expectSameAlone(
  bytes: Uint8Array,
  root: Parameters<typeof bodySection>[1],
  path: string,
  count: number,
): void {
  const inside = bodySection(bytes, root, { path, kind: 'all' });
  expect(inside).toBeDefined();
  if (inside) expect(allParts(parseMessage(inside).root).length).toBe(count);
}
