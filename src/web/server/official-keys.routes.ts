/** The signing keys of other people: an administrator revokes what was lost or stolen (docs/trust.md). Nobody else's private half is here. */
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import { DomainError } from '../../base/errors.ts';
import type { OfficialId } from '../../base/ids.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { expectMayManage, requireReach } from './principal.ts';
import { idParam, officialKeyParam, officialKeysSchema, officialRevokeSchema } from './schemas.ts';
import { answers, noContent, valid } from './validate.ts';

const tags = ['directory administration'];

export function officialKeyRoutes(deps: WebDeps): Hono<WebEnv> {
  const { signing } = deps;
  const app = new Hono<WebEnv>();

  app.get(
    '/directory/officials/:id/signing-keys',
    describeRoute({
      tags,
      summary: 'The signing keys of an official, without their private halves',
      responses: { 200: answers(officialKeysSchema, 'Newest first') },
    }),
    valid('param', idParam),
    async (c) => {
      const reach = await requireReach(c, deps);
      const id = c.req.valid('param').id as OfficialId;
      await expectMayManage(deps, reach, id);
      const iso = (at: number) => new Date(at).toISOString();
      return c.json({
        keys: (await signing.keysOf(id)).map(({ fingerprint, address, state, createdAt, revokedAt }) => ({
          fingerprint,
          address,
          state,
          createdAt: iso(createdAt),
          revokedAt: revokedAt === null ? null : iso(revokedAt),
        })),
      });
    },
  );

  app.post(
    '/directory/officials/:id/signing-keys/:fingerprint/revoke',
    describeRoute({ tags, summary: 'Revoke a key, from a time on', responses: { 204: noContent } }),
    valid('param', officialKeyParam),
    valid('json', officialRevokeSchema),
    async (c) => {
      const reach = await requireReach(c, deps);
      const { id, fingerprint } = c.req.valid('param');
      await expectMayManage(deps, reach, id as OfficialId);
      // A key of somebody outside of one's reach must not be revoked by naming a person within it.
      if (!(await signing.keysOf(id as OfficialId)).some((key) => key.fingerprint === fingerprint))
        throw new DomainError('notFound', 'signing.key_not_found', 'no such signing key');
      const { reason, since } = c.req.valid('json');
      await signing.revoke(fingerprint, reason, reach.actor, since === undefined ? undefined : Date.parse(since));
      return c.body(null, 204);
    },
  );
  return app;
}
