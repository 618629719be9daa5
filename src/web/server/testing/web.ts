/** The whole app in memory over a migrated SQLite, with people to sign in as. */
import { Registry } from 'prom-client';
import * as v from 'valibot';
import { expect } from 'vitest';

import { sqliteDatabase } from '../../../../test/support/databases.ts';
import type { Problem } from '../../../base/api-types.ts';
import { silentLog, type Log } from '../../../base/log.ts';
import type { OfficialId } from '../../../base/ids.ts';
import type { credentialsSettings } from '../../../directory/settings.ts';
import { directoryParts, testUnit, type DirectoryParts } from '../../../directory/testing/parts.ts';
import type { Grant, Official } from '../../../directory/types.ts';
import type { Signing } from '../../../signing/types.ts';
import { createApp, type AppDeps } from '../app.ts';
import { webSettings } from '../settings.ts';

export const PASSWORD = 'con bò vàng ăn cỏ';
export const HOST = 'http://thu.caoson.gov.vn';

export interface Web extends DirectoryParts {
  app: ReturnType<typeof createApp>;
  deps: AppDeps;
  request(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /** @returns the cookie */
  signIn(address: string, password?: string): Promise<string>;
  person(fullName: string, unitCode: string, more?: { mustChange?: boolean; grants?: Grant[] }): Promise<Official>;
  dispose(): Promise<void>;
}
export interface RequestOptions {
  body?: unknown;
  raw?: string | Uint8Array<ArrayBuffer>;
  cookie?: string;
  key?: string;
  headers?: Record<string, string>;
}

type Keys = Pick<Signing, 'enrol' | 'ownKey' | 'revoke' | 'keysOf' | 'retireKeysOf' | 'wkd'>;

export async function webParts(
  more: Partial<Omit<AppDeps, 'credentials'>> & {
    web?: v.InferInput<typeof webSettings>;
    credentials?: v.InferInput<typeof credentialsSettings>;
  } = {},
): Promise<Web> {
  const { db, dispose } = await sqliteDatabase();
  const parts = directoryParts(db, more.credentials ? { credentials: more.credentials } : {});
  const { directory, credentials, imports, clock } = parts;
  const { web, credentials: _, ...rest } = more;
  const deps: AppDeps = {
    ...{ db, directory, credentials, imports, clock, log: silentLog, hostname: 'thu.caoson.gov.vn' },
    signing: keysInMemory(),
    settings: v.parse(webSettings, web ?? {}),
    checks: async () => [{ name: 'database', ok: true }],
    registry: new Registry(),
    ...rest,
  };
  const app = createApp(deps);
  await db.write(async (tx) => {
    await directory.addUnit(tx, testUnit('H99', { name: 'UBND tỉnh', email: 'ubnd@caoson.gov.vn' }));
    await directory.addUnit(
      tx,
      testUnit('H99.02', { name: 'Sở Nội vụ', parentCode: 'H99', email: 'snv@caoson.gov.vn' }),
    );
    await directory.addUnit(
      tx,
      testUnit('H99.03', { name: 'Sở Tài chính', parentCode: 'H99', email: 'stc@caoson.gov.vn' }),
    );
  });
  const request: Web['request'] = async (method, path, options = {}) =>
    app.request(`${HOST}${path}`, init(method, options));
  return {
    ...parts,
    ...{ app, deps, request, dispose },
    async signIn(address, password = PASSWORD) {
      const response = await request('POST', '/api/v1/session', { body: { address, password } });
      return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    },
    person: (fullName, unitCode, { mustChange = false, grants = [] } = {}) =>
      db.write(async (tx) => {
        const { official } = await directory.addOfficial(
          tx,
          { fullName, title: 'Chuyên viên', unitCode },
          { password: PASSWORD, mustChange },
        );
        for (const grant of grants) await directory.grantRole(tx, official.id, grant);
        return official;
      }),
  };
}

/** What a browser on our own page sends with it. */
const ownPage = { origin: HOST, 'sec-fetch-site': 'same-origin' };

function init(method: string, { body, raw, cookie, key, headers = {} }: RequestOptions): RequestInit {
  const sent = new Headers(method === 'GET' ? {} : ownPage);
  if (cookie !== undefined) sent.set('cookie', cookie);
  if (key !== undefined) sent.set('authorization', `Bearer ${key}`);
  if (body !== undefined) sent.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers)) {
    if (value === '') sent.delete(name);
    else sent.set(name, value);
  }
  const content = body === undefined ? raw : JSON.stringify(body);
  return { method, headers: sent, ...(content === undefined ? {} : { body: content }) };
}

/** Signing is another module's to test: here it remembers. */
function keysInMemory(): Keys {
  const keys = new Map<OfficialId, Awaited<ReturnType<Keys['enrol']>> & { publicKey: string; privateKey: string }>();
  return {
    async enrol(officialId, { publicKey, privateKey }) {
      const key = {
        fingerprint: 'A'.repeat(40),
        address: '',
        state: 'active' as const,
        createdAt: 0,
        revokedAt: null,
        publicKey,
        privateKey,
      };
      keys.set(officialId, key);
      return key;
    },
    ownKey: async (officialId) => keys.get(officialId),
    revoke: async () => keys.clear(),
    keysOf: async (officialId) => [keys.get(officialId)].filter((key) => key !== undefined),
    retireKeysOf: async (officialId) => void keys.delete(officialId),
    wkd: async (domain, hash) =>
      domain === 'caoson.gov.vn' && hash === 'iy9q119eutrkn8s1mk4r39qejnbu3n5q' ? Uint8Array.of(0x98, 0x33) : undefined,
  };
}

/** The refusal that an answer carries. */
export async function problem(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Problem;
}

export function recordingLog(): { log: Log; lines: object[] } {
  const lines: object[] = [];
  return {
    lines,
    log: Object.assign(Object.create(silentLog) as Log, { error: (line: object) => void lines.push(line) }),
  };
}
