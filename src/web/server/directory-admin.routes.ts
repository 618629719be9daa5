/** Administration of units and officials. Each call asks how far the caller's rights reach (principal.ts). */
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import { DomainError } from '../../base/errors.ts';
import type { OfficialId, UnitId } from '../../base/ids.ts';
import { isReservedLocalPart } from '../../directory/addresses.models.ts';
import { unitNotFound } from '../../directory/directory.errors.ts';
import { firstPassword } from '../../directory/passwords.ts';
import type { Official } from '../../directory/types.ts';
import { unitViews } from './directory.routes.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { expectMayManage, expectWithin, requireReach, type Reach } from './principal.ts';
import {
  closeUnitSchema,
  codeParam,
  firstPasswordSchema,
  idParam,
  newOfficialSchema,
  officialInputSchema,
  officialsQuery,
  officialsSchema,
  unitInputSchema,
  unitSchema,
} from './schemas.ts';
import { answers, noContent, valid } from './validate.ts';

const tags = ['directory administration'];

export function unitAdminRoutes(deps: WebDeps): Hono<WebEnv> {
  const { db, directory } = deps;
  const app = new Hono<WebEnv>();

  app.post(
    '/directory/units',
    describeRoute({ tags, summary: 'Add a unit', responses: { 201: answers(unitSchema, 'Added') } }),
    valid('json', unitInputSchema),
    async (c) => {
      const reach = await requireReach(c, deps);
      const input = c.req.valid('json');
      expectWithin(reach, input.parentCode === null ? null : await unitIdOf(deps, input.parentCode));
      expectGivableBy(reach, input.email);
      const unit = await db.write((tx) => directory.addUnit(tx, input, { actor: reach.actor }));
      const [view] = unitViews([unit]);
      return c.json({ ...view, parentCode: input.parentCode }, 201);
    },
  );

  app.post(
    '/directory/units/:code/close',
    describeRoute({ tags, summary: 'Close a unit from a day on', responses: { 204: noContent } }),
    valid('param', codeParam),
    valid('json', closeUnitSchema),
    async (c) => {
      const reach = await requireReach(c, deps);
      const { code } = c.req.valid('param');
      expectWithin(reach, await unitIdOf(deps, code));
      await db.write((tx) => directory.closeUnit(tx, code, c.req.valid('json').validTo, { actor: reach.actor }));
      return c.body(null, 204);
    },
  );
  return app;
}

export function officialAdminRoutes(deps: WebDeps): Hono<WebEnv> {
  const { db, directory } = deps;
  const app = new Hono<WebEnv>();

  app.get(
    '/directory/officials',
    describeRoute({
      tags,
      summary: 'Officials page by page',
      responses: { 200: answers(officialsSchema, 'In order of id') },
    }),
    valid('query', officialsQuery),
    async (c) => {
      const reach = await requireReach(c, deps);
      const { unit, q, after, limit } = c.req.valid('query');
      const unitId = unit === undefined ? undefined : await unitIdOf(deps, unit);
      if (reach.units !== 'all') expectWithin(reach, unitId ?? null);
      const filter = {
        ...(unitId === undefined ? {} : { unitId }),
        ...(q === undefined ? {} : { query: q }),
        ...(after === undefined ? {} : { after: after as OfficialId }),
      };
      const officials = await directory.officials({ ...filter, limit });
      return c.json({
        officials: officials.map(officialView),
        nextAfter: officials.length === limit ? (officials.at(-1)?.id ?? null) : null,
      });
    },
  );

  app.post(
    '/directory/officials',
    describeRoute({
      tags,
      summary: 'Add an official',
      responses: { 201: answers(newOfficialSchema, 'Added, with the first password') },
    }),
    valid('json', officialInputSchema),
    async (c) => {
      const reach = await requireReach(c, deps);
      const input = c.req.valid('json');
      expectWithin(reach, await unitIdOf(deps, input.unitCode));
      expectGivableBy(reach, input.address);
      await expectTitleWithin(deps, reach, input.titleMailbox);
      const prepared = await firstPassword();
      const { official, password } = await db.write((tx) =>
        directory.addOfficial(tx, input, { prepared, actor: reach.actor }),
      );
      return c.json({ official: officialView(official), password }, 201);
    },
  );

  return app;
}

export function officialStateRoutes(deps: WebDeps): Hono<WebEnv> {
  const { db, directory, credentials, signing } = deps;
  const app = new Hono<WebEnv>();

  for (const [path, summary, act] of [
    ['disable', 'Disable: nobody signs in, nothing arrives, the mail stays', directory.disableOfficial],
    ['enable', 'Enable again; delegations and roles do not come back', directory.enableOfficial],
  ] as const) {
    app.post(
      `/directory/officials/:id/${path}`,
      describeRoute({ tags, summary, responses: { 204: noContent } }),
      valid('param', idParam),
      async (c) => {
        const reach = await requireReach(c, deps);
        const id = c.req.valid('param').id as OfficialId;
        await expectMayManage(deps, reach, id);
        await db.write((tx) => act(tx, id, { actor: reach.actor }));
        // The key of a person who leaves is revoked. Again a disable repeats what a crash cut off.
        if (path === 'disable') await signing.retireKeysOf(id, reach.actor);
        return c.body(null, 204);
      },
    );
  }

  app.post(
    '/directory/officials/:id/password',
    describeRoute({
      tags,
      summary: 'A new first password; sessions and app passwords end',
      responses: { 200: answers(firstPasswordSchema, 'Shown once') },
    }),
    valid('param', idParam),
    async (c) => {
      const reach = await requireReach(c, deps);
      const id = c.req.valid('param').id as OfficialId;
      await expectMayManage(deps, reach, id);
      return c.json({ password: await credentials.resetPassword(id, undefined, { actor: reach.actor }) });
    },
  );
  return app;
}

export async function unitIdOf({ directory }: Pick<WebDeps, 'directory'>, code: string): Promise<UnitId> {
  const unit = await directory.unit({ code });
  if (!unit) throw unitNotFound(code);
  return unit.id;
}

/** A mailbox of a post outside of one's reach must not come by naming oneself its holder. */
async function expectTitleWithin({ directory }: WebDeps, reach: Reach, address: string | null): Promise<void> {
  if (address === null) return;
  expectGivableBy(reach, address);
  const owner = await directory.resolve(address);
  if (owner?.kind === 'title') expectWithin(reach, owner.unitId);
}

/** postmaster@, abuse@ and the like speak for the whole province. */
function expectGivableBy(reach: Reach, address: string | null): void {
  if (reach.units === 'all' || address === null) return;
  if (isReservedLocalPart(address.split('@')[0] ?? ''))
    throw new DomainError('forbidden', 'address.reserved', 'only an administrator of the province gives this address');
}

export function officialView({ id, fullName, address, aliases, status, posts }: Official): {
  id: number;
  fullName: string;
  address: string;
  aliases: string[];
  status: 'active' | 'disabled';
  posts: { unitCode: string; unitName: string; title: string; role: string; isPrimary: boolean }[];
} {
  return {
    id,
    fullName,
    address,
    aliases,
    status,
    posts: posts.map(({ unitCode, unitName, title, role, isPrimary }) => ({
      unitCode,
      unitName,
      title,
      role,
      isPrimary,
    })),
  };
}
