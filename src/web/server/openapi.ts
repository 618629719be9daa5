import type { Handler, Hono } from 'hono';
import { openAPIRouteHandler, resolver } from 'hono-openapi';

import { apiScopes } from '../../directory/keys.usecases.ts';
import type { WebEnv } from './env.ts';
import { problemSchema } from './schemas.ts';

/** OpenAPI 3.1 of everything under /api/v1, made from the schemas that validate. */
export function openApi(api: Hono<WebEnv>): Handler<WebEnv> {
  return openAPIRouteHandler(api, {
    documentation: {
      openapi: '3.1.0',
      info: {
        title: 'Công Vụ',
        version: '1',
        description: `Errors are problem+json (RFC 9457). Scopes of API keys: ${apiScopes.join(', ')}.`,
      },
      servers: [{ url: '/api/v1' }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'A key of an eOffice system' },
          session: { type: 'apiKey', in: 'cookie', name: '__Host-congvu', description: 'The web client' },
        },
        responses: {
          Problem: {
            description: 'Refused, or failed',
            content: { 'application/problem+json': { schema: resolver(problemSchema) } },
          },
        },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    defaultValidationErrorResponse: { description: 'Not as described', content: { 'application/problem+json': {} } },
  }) as Handler<WebEnv>;
}
