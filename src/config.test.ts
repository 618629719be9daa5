import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'smol-toml';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';

import { packageRoot } from './base/paths.ts';
import { configSchema, loadConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'congvu-config-'));
afterEach(() => rmSync(join(folder, 'congvu.toml'), { force: true }));
const load = (toml: string | undefined, env: Record<string, string> = {}) => {
  if (toml !== undefined) writeFileSync(join(folder, 'congvu.toml'), toml);
  return loadConfig({ env: { CONGVU_DATA: folder, ...env } });
};

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(load(undefined)).toMatchObject({ data: folder, file: undefined, listen: { http: 8000, smtp: 8025 } });
  });
  it('is read from the data folder, and the environment moves the ports', () => {
    expect(load('hostname = "mail.caoson.gov.vn"\n[listen]\nhttp = 80\n', { CONGVU_PORT_BASE: '9000' })).toMatchObject({
      hostname: 'mail.caoson.gov.vn',
      listen: { http: 9000, imaps: 9093 },
    });
  });
  it.each([
    ['a name that is none', 'listen_port = 1', /listen_port/],
    ['a value of another kind', '[listen]\nhttp = "80"', /listen\.http/],
    ['a value out of range', '[listen]\nhttp = 70000', /listen\.http/],
    ['TOML that is none', '[listen', /congvu\.toml/],
    ['a mistyped name deep inside', '[smtp.mx]\nmaxClient = 5', /smtp\.mx\.maxClient/],
    ['a database of another kind', '[database]\nurl = "mysql://x"', /database\.url: must begin with postgres/],
  ])('says where %s stands', (_, toml, message) => {
    expect(() => load(toml)).toThrow(message);
  });
  it('says that a named file is missing', () => {
    expect(() => loadConfig({ env: {}, file: '/nonexistent/x.toml' })).toThrow(/does not exist/);
  });
  it('is described whole by the example, with the defaults that hold', () => {
    const example = readFileSync(join(packageRoot, 'config/congvu.example.toml'), 'utf8');
    expect(v.parse(configSchema, parse(example.replace(/^#(?=\w+ = )/gm, '')))).toEqual(v.parse(configSchema, {}));
    const fresh = execFileSync(process.execPath, ['--import', 'tsx', 'scripts/example-config.ts', '--print'], {
      cwd: packageRoot,
      encoding: 'utf8',
    });
    expect(example).toBe(fresh);
  });
});
