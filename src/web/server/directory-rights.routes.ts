/** Delegates of shared mailboxes, administrators' roles, imports, keys of other systems. */
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import { DomainError } from '../../base/errors.ts';
import type { AccountId, OfficialId, UnitId } from '../../base/ids.ts';
import type { Grant } from '../../directory/types.ts';
import { unitIdOf } from './directory-admin.routes.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { expectMayManage, expectWithin, requireReach, type Reach } from './principal.ts';
import {
  addressParam,
  apiKeyInputSchema,
  apiKeysSchema,
  delegateParam,
  delegateSchema,
  delegatesSchema,
  grantSchema,
  grantsSchema,
  idParam,
  importQuery,
  importResultSchema,
  newApiKeySchema,
} from './schemas.ts';
import { answers, noContent, valid } from './validate.ts';

const tags = ['directory administration'];

export function importRoutes(deps: WebDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const body = {
    content: {
      'text/csv': {},
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {},
      'application/json': {},
    },
  };
  for (const noun of ['units', 'officials'] as const) {
    const summary = `Import ${noun} from CSV, XLSX or JSON: all or nothing; dryRun=true shows what it would do`;
    app.post(
      `/directory/${noun}/import`,
      describeRoute({
        tags,
        summary,
        requestBody: body,
        responses: { 200: answers(importResultSchema, 'Row by row') },
      }),
      valid('query', importQuery),
      async (c) => {
        const reach = await requireReach(c, deps);
        const { dryRun, language } = c.req.valid('query');
        const file = new Uint8Array(await c.req.arrayBuffer());
        const within = reach.units === 'all' ? undefined : reach.units;
        return c.json(
          await deps.imports[noun](file, { dryRun: dryRun === 'true', language, actor: reach.actor, within }),
        );
      },
    );
  }
  return app;
}

export function delegateRoutes(deps: WebDeps): Hono<WebEnv> {
  const { db, directory } = deps;
  const app = new Hono<WebEnv>();
  const path = '/directory/mailboxes/:address/delegates';

  app.get(
    path,
    describeRoute({
      tags,
      summary: 'Who may open a unit or title mailbox',
      responses: { 200: answers(delegatesSchema, 'Delegates') },
    }),
    valid('param', addressParam),
    async (c) => {
      const accountId = await sharedWithin(deps, await requireReach(c, deps), c.req.valid('param').address);
      const delegates = await directory.delegates(accountId);
      return c.json({
        delegates: delegates.map(({ official, canSend }) => ({
          officialId: official.id,
          fullName: official.fullName,
          address: official.address,
          canSend,
        })),
      });
    },
  );

  app.put(
    `${path}/:id`,
    describeRoute({ tags, summary: 'Name a delegate', responses: { 204: noContent } }),
    valid('param', delegateParam),
    valid('json', delegateSchema),
    async (c) => {
      const reach = await requireReach(c, deps);
      const { address, id } = c.req.valid('param');
      // Administrators manage mailboxes without reading them.
      if (reach.actor === `official:${id}`)
        throw new DomainError('forbidden', 'delegate.self', 'another administrator must name you');
      const accountId = await sharedWithin(deps, reach, address);
      await db.write((tx) =>
        directory.addDelegate(tx, accountId, id as OfficialId, { ...c.req.valid('json'), actor: reach.actor }),
      );
      return c.body(null, 204);
    },
  );

  app.delete(
    `${path}/:id`,
    describeRoute({ tags, summary: 'End a delegation', responses: { 204: noContent } }),
    valid('param', delegateParam),
    async (c) => {
      const reach = await requireReach(c, deps);
      const { address, id } = c.req.valid('param');
      const accountId = await sharedWithin(deps, reach, address);
      await db.write((tx) => directory.removeDelegate(tx, accountId, id as OfficialId, { actor: reach.actor }));
      return c.body(null, 204);
    },
  );
  return app;
}

async function sharedWithin({ directory }: WebDeps, reach: Reach, address: string): Promise<AccountId> {
  const owner = await directory.resolve(address);
  if (!owner) throw new DomainError('notFound', 'address.not_found', 'nobody here has this address');
  if (owner.kind === 'person')
    throw new DomainError('invalid', 'delegate.not_shared', 'only unit and title mailboxes have delegates');
  expectWithin(reach, owner.kind === 'unit' ? owner.unit.id : owner.unitId);
  return owner.accountId;
}

/** Only a system administrator makes administrators. */
export function grantRoutes(deps: WebDeps): Hono<WebEnv> {
  const { db, directory } = deps;
  const app = new Hono<WebEnv>();
  const path = '/directory/officials/:id/roles';
  const expectSystemAdmin = (reach: Reach) => {
    if (!reach.overAdministrators) throw new DomainError('forbidden', 'right.missing', 'you may not do this');
  };

  app.get(
    path,
    describeRoute({ tags, summary: 'Roles of an official', responses: { 200: answers(grantsSchema, 'Roles') } }),
    valid('param', idParam),
    async (c) => {
      const id = c.req.valid('param').id as OfficialId;
      await expectMayManage(deps, await requireReach(c, deps), id);
      const codes = new Map((await directory.units()).map((unit) => [unit.id, unit.code]));
      return c.json({
        grants: (await directory.grants(id)).map(({ role, unitId }) => ({ role, unitCode: codes.get(unitId) ?? null })),
      });
    },
  );

  for (const method of ['put', 'delete'] as const) {
    const summary = method === 'put' ? 'Give a role' : 'Take a role';
    app[method](
      path,
      describeRoute({ tags, summary, responses: { 204: noContent } }),
      valid('param', idParam),
      valid('json', grantSchema),
      async (c) => {
        const reach = await requireReach(c, deps);
        expectSystemAdmin(reach);
        const id = c.req.valid('param').id as OfficialId;
        const { role, unitCode } = c.req.valid('json');
        const grant: Grant = { role, unitId: unitCode === null ? (0 as UnitId) : await unitIdOf(deps, unitCode) };
        const change = method === 'put' ? directory.grantRole : directory.revokeRole;
        await db.write((tx) => change(tx, id, grant, { actor: reach.actor }));
        return c.body(null, 204);
      },
    );
  }
  return app;
}

export function apiKeyRoutes(deps: WebDeps): Hono<WebEnv> {
  const { db, directory, credentials } = deps;
  const app = new Hono<WebEnv>();
  const administrator = async (c: Parameters<typeof requireReach>[0]) => {
    const reach = await requireReach(c, deps);
    if (!reach.overAdministrators) throw new DomainError('forbidden', 'right.missing', 'you may not do this');
    return reach;
  };

  app.get(
    '/api-keys',
    describeRoute({
      tags,
      summary: 'Keys of other systems',
      responses: { 200: answers(apiKeysSchema, 'Without their secrets') },
    }),
    async (c) => {
      await administrator(c);
      const codes = new Map((await directory.units()).map((unit) => [unit.id, unit.code]));
      const keys = await credentials.apiKeys();
      const views = keys.map(({ unitId, createdAt, lastUsedAt, revokedAt, ...key }) => ({
        ...key,
        unitCode: unitId === null ? null : (codes.get(unitId) ?? null),
        createdAt: new Date(createdAt).toISOString(),
        lastUsedAt: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
        revokedAt: revokedAt === null ? null : new Date(revokedAt).toISOString(),
      }));
      return c.json({ apiKeys: views });
    },
  );

  app.post(
    '/api-keys',
    describeRoute({
      tags,
      summary: 'Make a key',
      responses: { 201: answers(newApiKeySchema, 'The secret is shown once') },
    }),
    valid('json', apiKeyInputSchema),
    async (c) => {
      const { actor } = await administrator(c);
      const { unitCode, ...key } = c.req.valid('json');
      const unitId = unitCode === null ? null : await unitIdOf(deps, unitCode);
      return c.json(await db.write((tx) => credentials.createApiKey(tx, { ...key, unitId }, { actor })), 201);
    },
  );

  app.delete(
    '/api-keys/:id',
    describeRoute({ tags, summary: 'Revoke a key', responses: { 204: noContent } }),
    valid('param', idParam),
    async (c) => {
      const { actor } = await administrator(c);
      const revoked = await db.write((tx) => credentials.revokeApiKey(tx, c.req.valid('param').id, { actor }));
      if (!revoked) throw new DomainError('notFound', 'api_key.not_found', 'there is no such key');
      return c.body(null, 204);
    },
  );
  return app;
}
