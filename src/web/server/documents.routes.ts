/** Registers, documents, their files and correspondence; webhooks of an eOffice system. */
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import { DomainError } from '../../base/errors.ts';
import type { DocumentId } from '../../base/ids.ts';
import { documentInputSchema, webhookInputSchema } from '../../documents/documents.schemas.ts';
import type { Documents } from '../../documents/types.ts';
import {
  correspondenceSchema,
  documentParam,
  documentSchema,
  documentsSchema,
  fileParam,
  fileQuery,
  fileSchema,
  newWebhookSchema,
  pageQuery,
  registersSchema,
  searchQuery,
  webhooksSchema,
} from './document-schemas.ts';
import type { WebContext, WebEnv } from './env.ts';
import { principalOf, withScope } from './principal.ts';
import { idParam } from './schemas.ts';
import type { WebSettings } from './settings.ts';
import { answers, noContent, valid } from './validate.ts';

export interface DocumentRoutesDeps {
  documents: Documents;
  settings: WebSettings;
}

const tags = ['documents'];
const reading = withScope('documents:read');
const writing = withScope('documents:write');

export function documentRoutes(deps: DocumentRoutesDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  registerRoutes(app, deps);
  recordRoutes(app, deps);
  fileRoutes(app, deps);
  webhookRoutes(app, deps);
  return app;
}

function registerRoutes(app: Hono<WebEnv>, { documents }: DocumentRoutesDeps): void {
  app.get(
    '/registers',
    describeRoute({
      tags,
      summary: 'Registers that you may read',
      responses: { 200: answers(registersSchema, 'Newest year first') },
    }),
    reading,
    async (c) => {
      return c.json({ registers: await documents.registers(principalOf(c)) });
    },
  );

  app.get(
    '/documents',
    describeRoute({
      tags,
      summary: 'Search by number, notation, abstract, issuer or signer; marks or not',
      responses: { 200: answers(documentsSchema, 'Newest first') },
    }),
    reading,
    valid('query', searchQuery),
    async (c) => {
      const { q, direction, unit, year, cursor, limit } = c.req.valid('query');
      const text = q?.trim();
      const { rows, nextCursor } = await documents.search(principalOf(c), {
        ...(text ? { q: text } : {}),
        ...(direction ? { direction } : {}),
        ...(unit === undefined ? {} : { unitCode: unit }),
        ...(year === undefined ? {} : { year }),
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit }),
      });
      return c.json({ documents: rows, nextCursor });
    },
  );
}

/** One document: registered, read, and where it travelled. */
function recordRoutes(app: Hono<WebEnv>, { documents }: DocumentRoutesDeps): void {
  app.post(
    '/documents',
    describeRoute({ tags, summary: 'Register a document', responses: { 201: answers(documentSchema, 'Registered') } }),
    writing,
    valid('json', documentInputSchema),
    async (c) => {
      return c.json(await documents.create(principalOf(c), c.req.valid('json')), 201);
    },
  );

  app.get(
    '/documents/:id',
    describeRoute({ tags, summary: 'One document', responses: { 200: answers(documentSchema, 'With its files') } }),
    reading,
    valid('param', documentParam),
    async (c) => {
      return c.json(await documents.get(principalOf(c), c.req.valid('param').id as DocumentId));
    },
  );

  app.get(
    '/documents/:id/correspondence',
    describeRoute({
      tags,
      summary: 'The messages that carried it',
      responses: { 200: answers(correspondenceSchema, 'Newest first') },
    }),
    reading,
    valid('param', documentParam),
    valid('query', pageQuery),
    async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const { rows, nextCursor } = await documents.correspondence(
        principalOf(c),
        c.req.valid('param').id as DocumentId,
        {
          ...(cursor === undefined ? {} : { cursor }),
          ...(limit === undefined ? {} : { limit }),
        },
      );
      return c.json({ correspondence: rows, nextCursor });
    },
  );
}

function fileRoutes(app: Hono<WebEnv>, { documents, settings }: DocumentRoutesDeps): void {
  app.post(
    '/documents/:id/files',
    describeRoute({
      tags,
      summary: 'Add a file: the bytes are the body, their type its Content-Type',
      responses: { 201: answers(fileSchema, 'Stored, with its SHA-256') },
    }),
    writing,
    valid('param', documentParam),
    valid('query', fileQuery),
    async (c) => {
      const { kind, name } = c.req.valid('query');
      const bytes = await bodyOf(c, settings.maxFileBytes);
      const type = mediaType(c.req.header('content-type'));
      return c.json(
        await documents.addFile(principalOf(c), c.req.valid('param').id as DocumentId, { kind, name, type, bytes }),
        201,
      );
    },
  );

  app.get(
    '/documents/:id/files/:fileId/content',
    describeRoute({ tags, summary: 'The bytes of a file', responses: { 200: { description: 'As stored' } } }),
    reading,
    valid('param', fileParam),
    async (c) => {
      const { id, fileId } = c.req.valid('param');
      const { file, bytes } = await documents.fileContent(principalOf(c), id as DocumentId, fileId);
      return new Response(new Uint8Array(bytes), {
        headers: {
          'Content-Type': file.type,
          'Content-Length': String(bytes.length),
          // Never opened by the browser itself: a registered file may be anything.
          'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
          'X-Content-Type-Options': 'nosniff',
          'Content-Security-Policy': "default-src 'none'; sandbox",
          'Cache-Control': 'private, max-age=31536000, immutable',
        },
      });
    },
  );
}

function webhookRoutes(app: Hono<WebEnv>, { documents }: DocumentRoutesDeps): void {
  const webhooks = withScope('webhooks');
  app.get(
    '/webhooks',
    describeRoute({
      tags: ['webhooks'],
      summary: 'Webhooks of this key',
      responses: { 200: answers(webhooksSchema, 'Without their secrets') },
    }),
    webhooks,
    async (c) => {
      return c.json({ webhooks: await documents.webhooks(principalOf(c)) });
    },
  );
  app.post(
    '/webhooks',
    describeRoute({
      tags: ['webhooks'],
      summary: 'Be told of your documents',
      responses: { 201: answers(newWebhookSchema, 'The secret is shown once') },
    }),
    webhooks,
    valid('json', webhookInputSchema),
    async (c) => {
      return c.json(await documents.createWebhook(principalOf(c), c.req.valid('json')), 201);
    },
  );
  app.delete(
    '/webhooks/:id',
    describeRoute({ tags: ['webhooks'], summary: 'Stop being told', responses: { 204: noContent } }),
    webhooks,
    valid('param', idParam),
    async (c) => {
      await documents.deleteWebhook(principalOf(c), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}

/** Reads no more than the limit, whatever Content-Length says. */
async function bodyOf(c: WebContext, limit: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new DomainError('tooLarge', 'request.too_large', `a file may have at most ${limit} bytes`, { limit });
  if (Number(c.req.header('content-length') ?? 0) > limit) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function mediaType(header: string | undefined): string {
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(type) ? type : 'application/octet-stream';
}
