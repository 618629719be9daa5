/**
 * Golden pairs: messages/NN-name.eml is read as messages/NN-name.json says. With GOLDEN_WRITE=1 the json files are written
 * anew; look at each difference before keeping it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { messagesFolder, oddMessages } from './testing/collection.ts';
import { describeMessage } from './testing/golden.ts';

describe('our collection of odd messages', () => {
  const all = oddMessages();

  it('has at least sixty of them', () => {
    expect(all.length).toBeGreaterThanOrEqual(60);
  });

  it.each(all.map(({ name, bytes }) => [name, bytes] as const))('%s is read as written down', (name, bytes) => {
    const file = `${messagesFolder}${name}.json`;
    const found = describeMessage(bytes);
    if (process.env['GOLDEN_WRITE']) writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
    expect(existsSync(file), `${name}.json is missing`).toBe(true);
    expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });
});
