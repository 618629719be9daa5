/** The directory as everybody in it sees it. */
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import type { UnitView } from '../../base/api-types.ts';
import { DomainError } from '../../base/errors.ts';
import { entryOf } from '../../directory/lookups.usecases.ts';
import type { Unit } from '../../directory/types.ts';
import type { WebDeps, WebEnv } from './env.ts';
import { withScope } from './principal.ts';
import { addressParam, entriesQuery, entriesSchema, entrySchema, unitsSchema } from './schemas.ts';
import { answers, valid } from './validate.ts';

export function directoryRoutes({ directory }: WebDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const tags = ['directory'];
  const reading = withScope('directory:read');

  app.get(
    '/directory/entries',
    describeRoute({
      tags,
      summary: 'People, units and posts by the beginnings of words, marks or not',
      responses: { 200: answers(entriesSchema, 'Found') },
    }),
    reading,
    valid('query', entriesQuery),
    async (c) => {
      const { q, limit } = c.req.valid('query');
      return c.json({ entries: await directory.search(q, limit) });
    },
  );

  app.get(
    '/directory/entries/:address',
    describeRoute({ tags, summary: 'Whose address this is', responses: { 200: answers(entrySchema, 'Found') } }),
    reading,
    valid('param', addressParam),
    async (c) => {
      const owner = await directory.resolve(c.req.valid('param').address);
      if (!owner) throw new DomainError('notFound', 'address.not_found', 'nobody here has this address');
      return c.json(entryOf(owner));
    },
  );

  app.get(
    '/directory/units',
    describeRoute({ tags, summary: 'All units, closed ones too', responses: { 200: answers(unitsSchema, 'By code') } }),
    reading,
    async (c) => {
      return c.json({ units: unitViews(await directory.units()) });
    },
  );
  return app;
}

export function unitViews(units: readonly Unit[]): UnitView[] {
  const codes = new Map(units.map((unit) => [unit.id, unit.code]));
  return units.map(
    ({ code, name, shortName, abbreviation, kind, adminTier, parentId, email, place, validFrom, validTo }) => {
      const parentCode = parentId === null ? null : (codes.get(parentId) ?? null);
      return { code, name, shortName, abbreviation, kind, adminTier, parentCode, email, place, validFrom, validTo };
    },
  );
}
