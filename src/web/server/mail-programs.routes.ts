/** How one sets up a phone or a mail program: the values to type, and a profile that types them on Apple's devices. */
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';

import type { MailPrograms } from '../../base/api-types.ts';
import { DomainError } from '../../base/errors.ts';
import { appleProfile } from './apple-profile.ts';
import type { WebContext, WebDeps, WebEnv } from './env.ts';
import { mailServices } from './mail-services.ts';
import { requireOfficial } from './principal.ts';
import { mailProgramsSchema } from './schemas.ts';
import { answers } from './validate.ts';

const PROFILE = 'application/x-apple-aspen-config';

export function mailProgramRoutes({ directory, settings, hostname }: WebDeps): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const tags = ['mail programs'];
  const services = mailServices(settings);
  const own = async (c: WebContext) => {
    const official = await directory.official({ id: requireOfficial(c).officialId });
    if (!official) throw new DomainError('unauthenticated', 'sign_in.required', 'sign in first');
    return official;
  };

  app.get(
    '/mail-programs',
    describeRoute({
      tags,
      summary: 'What a mail program is told of the own account',
      responses: { 200: answers(mailProgramsSchema, 'The better service of each kind first') },
    }),
    async (c) => {
      const { address } = await own(c);
      return c.json({ hostname, userName: address, services } satisfies MailPrograms);
    },
  );

  app.get(
    '/mail-programs/apple',
    describeRoute({
      tags,
      summary: 'The own account as a profile for iPhone, iPad and Mac, without a password',
      responses: { 200: { description: 'The profile', content: { [PROFILE]: {} } } },
    }),
    async (c) => {
      const { address, fullName } = await own(c);
      const profile = appleProfile({ address, fullName, domain: directory.domain, hostname, services });
      if (profile === undefined)
        throw new DomainError('notFound', 'mail_programs.not_offered', 'mail programs are not offered here');
      return c.body(profile, 200, {
        'Content-Type': PROFILE,
        'Content-Disposition': 'attachment; filename="cong-vu.mobileconfig"',
      });
    },
  );
  return app;
}
