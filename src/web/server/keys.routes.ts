/** The own signing key and the own app passwords. */
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import type { OwnKey } from '../../base/api-types.ts';
import { DomainError } from '../../base/errors.ts';
import type { OfficialId } from '../../base/ids.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { actorOf, requireConfirmed, requireOfficial } from './principal.ts';
import {
  appPasswordsSchema,
  idParam,
  keyInputSchema,
  labelSchema,
  newAppPasswordSchema,
  ownKeySchema,
  revokeSchema,
} from './schemas.ts';
import { answers, noContent, valid } from './validate.ts';

const noKey = () => new DomainError('notFound', 'signing.no_key', 'you have no signing key yet');

export function signingRoutes(deps: WebDeps): Hono<WebEnv> {
  const { signing } = deps;
  const app = new Hono<WebEnv>();
  const tags = ['signing'];
  const ownKey = async (officialId: OfficialId): Promise<OwnKey> => {
    const key = await signing.ownKey(officialId);
    if (!key) throw noKey();
    const { fingerprint, createdAt, publicKey, privateKey } = key;
    return { fingerprint, createdAt: new Date(createdAt).toISOString(), publicKey, privateKey };
  };

  app.get(
    '/signing/key',
    describeRoute({
      tags,
      summary: 'The own key; its private half is encrypted',
      responses: { 200: answers(ownKeySchema, 'The key') },
    }),
    async (c) => {
      return c.json(await ownKey(requireOfficial(c).officialId));
    },
  );

  app.put(
    '/signing/key',
    describeRoute({
      tags,
      summary: 'Enrol a key made in the browser',
      responses: { 200: answers(ownKeySchema, 'Checked and certified') },
    }),
    valid('json', keyInputSchema),
    async (c) => {
      const { password, ...key } = c.req.valid('json');
      const { officialId } = await requireConfirmed(c, deps, password);
      await signing.enrol(officialId, key);
      return c.json(await ownKey(officialId));
    },
  );

  app.post(
    '/signing/key/revoke',
    describeRoute({ tags, summary: 'Revoke the own key', responses: { 204: noContent } }),
    valid('json', revokeSchema),
    async (c) => {
      const { reason, password } = c.req.valid('json');
      const principal = await requireConfirmed(c, deps, password);
      const { fingerprint } = await ownKey(principal.officialId);
      await signing.revoke(fingerprint, reason, actorOf(principal));
      return c.body(null, 204);
    },
  );
  return app;
}

export function appPasswordRoutes(deps: WebDeps): Hono<WebEnv> {
  const { credentials } = deps;
  const app = new Hono<WebEnv>();
  const tags = ['app passwords'];

  app.get(
    '/app-passwords',
    describeRoute({
      tags,
      summary: 'The own app passwords',
      responses: { 200: answers(appPasswordsSchema, 'Without the passwords') },
    }),
    async (c) => {
      const own = await credentials.appPasswords(requireOfficial(c).officialId);
      const iso = (at: number) => new Date(at).toISOString();
      return c.json({
        appPasswords: own.map(({ id, label, createdAt, lastUsedAt }) => ({
          id,
          label,
          createdAt: iso(createdAt),
          lastUsedAt: lastUsedAt === null ? null : iso(lastUsedAt),
        })),
      });
    },
  );

  app.post(
    '/app-passwords',
    describeRoute({
      tags,
      summary: 'Make an app password',
      responses: { 201: answers(newAppPasswordSchema, 'Shown once') },
    }),
    valid('json', labelSchema),
    async (c) => {
      // It opens the mailbox for good, past the end of any session and a new password.
      const { label, password } = c.req.valid('json');
      const { officialId } = await requireConfirmed(c, deps, password);
      return c.json(await credentials.createAppPassword(officialId, label), 201);
    },
  );

  app.delete(
    '/app-passwords/:id',
    describeRoute({ tags, summary: 'Delete an app password', responses: { 204: noContent } }),
    valid('param', idParam),
    async (c) => {
      await credentials.deleteAppPassword(requireOfficial(c).officialId, c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
  return app;
}
