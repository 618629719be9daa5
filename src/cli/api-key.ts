import type { Command } from 'commander';

import { DomainError } from '../base/errors.ts';
import { apiScopes } from '../directory/keys.usecases.ts';
import { actor, expectUnit, type WithDirectory } from './directory-parts.ts';

export function apiKeyCommands(program: Command, withParts: WithDirectory): void {
  const key = program.command('api-key').description('keys of eOffice and other systems');
  key
    .command('add <name>')
    .description('make a key; prints the secret once')
    .requiredOption('--scope <scope...>', apiScopes.join(', '))
    .option('--unit <code>', 'only for this unit and those below it')
    .option('--json')
    .action(async (name: string, { scope, unit, json = false }: { scope: string[]; unit?: string; json?: boolean }) => {
      const scopes = scope.flatMap((one) => one.split(','));
      const unknown = scopes.find((one) => !apiScopes.some((known) => known === one));
      if (unknown !== undefined)
        throw new DomainError('invalid', 'api_key.invalid', `${unknown} is none of ${apiScopes.join(', ')}`);
      const made = await withParts(async (parts) => {
        const unitId = unit === undefined ? null : (await expectUnit(parts, unit)).id;
        return parts.db.write((tx) => parts.credentials.createApiKey(tx, { name, scopes, unitId }, { actor }));
      });
      console.log(json ? JSON.stringify(made) : `key ${made.id}, shown only now: ${made.secret}`);
    });
  key
    .command('revoke <id>')
    .description('end a key at once')
    .action(async (id: string) => {
      const revoked = await withParts(({ db, credentials }) =>
        db.write((tx) => credentials.revokeApiKey(tx, Number(id) || 0, { actor })),
      );
      if (!revoked) throw new DomainError('notFound', 'api_key.not_found', `there is no key ${id} that still works`);
      console.log(`revoked key ${id}`);
    });
  key
    .command('list')
    .description('all keys, without their secrets')
    .option('--json')
    .action(async ({ json = false }: { json?: boolean }) => {
      const keys = await withParts(({ credentials }) => credentials.apiKeys());
      if (json) return console.log(JSON.stringify(keys, null, 2));
      for (const { id, name, scopes, lastUsedAt, revokedAt } of keys) {
        const state =
          revokedAt !== null
            ? 'revoked'
            : lastUsedAt === null
              ? 'never used'
              : `used ${new Date(lastUsedAt).toISOString()}`;
        console.log([id, name, scopes.join(' '), state].join('\t'));
      }
    });
}
