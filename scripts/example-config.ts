/** Writes config/congvu.example.toml from the modules' own schemas and the comments beside them. */
import { readFileSync, writeFileSync } from 'node:fs';

import * as v from 'valibot';

import { configSchema } from '../src/config.ts';

const sources: Record<string, string> = {
  '': 'src/config.ts',
  listen: 'src/config.ts',
  database: 'src/config.ts',
  tls: 'src/config.ts',
  log: 'src/config.ts',
  maintenance: 'src/config.ts',
  directory: 'src/directory/settings.ts',
  credentials: 'src/directory/settings.ts',
  signing: 'src/signing/settings.ts',
  documents: 'src/documents/settings.ts',
  delivery: 'src/delivery/settings.ts',
  smtp: 'src/smtp/settings.ts',
  imap: 'src/imap-lite/settings.ts',
  jmap: 'src/jmap/settings.ts',
  web: 'src/web/server/settings.ts',
};

type Table = Record<string, unknown>;
const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function comments(file: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, text = '', key = ''] of readFileSync(file, 'utf8').matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\n\s*(\w+):/g,
  )) {
    const words = text
      .replace(/\n\s*\*/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    found.set(key, [...(found.get(key) ?? []), words]);
  }
  return found;
}

function value(v: unknown): string {
  return Array.isArray(v) ? `[${v.map(value).join(', ')}]` : JSON.stringify(v);
}

function section(path: string[], table: Table, notes: Map<string, string[]>): string[] {
  const lines: string[] = path.length > 0 ? ['', `[${path.join('.')}]`] : [];
  for (const [key, entry] of Object.entries(table)) {
    if (isTable(entry)) continue;
    const known = notes.get(key);
    const note = known && known.length > 1 ? known.shift() : known?.[0];
    if (note) lines.push(`# ${note}`);
    lines.push(`#${key} = ${value(entry)}`);
  }
  for (const [key, entry] of Object.entries(table)) {
    if (isTable(entry))
      lines.push(...section([...path, key], entry, path.length === 0 ? comments(sources[key] ?? '') : notes));
  }
  return lines;
}

const head = [
  '# Every setting of Công Vụ with its default. Copy what differs into congvu.toml in the data folder (or name a file by CONGVU_CONFIG).',
  '# Environment: CONGVU_DATA, CONGVU_CONFIG, CONGVU_PORT_BASE, CONGVU_DATABASE_URL, CONGVU_LOG_LEVEL. Times are milliseconds where nothing else is said.',
  '# Written by "npx tsx scripts/example-config.ts" from the schemas in src/*/settings.ts.',
  '',
];
const defaults = v.parse(configSchema, {}) as Table;
const text = `${[...head, ...section([], defaults, comments('src/config.ts'))].join('\n')}\n`;
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync('config/congvu.example.toml', text);
