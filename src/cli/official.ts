import type { Command } from 'commander';

import { DomainError } from '../base/errors.ts';
import type { OfficialId, UnitId } from '../base/ids.ts';
import type { Grant, Official, OfficialInput } from '../directory/types.ts';
import {
  actor,
  expectOfficial,
  expectUnit,
  runImport,
  type ImportFlags,
  type WithDirectory,
} from './directory-parts.ts';

interface AddFlags {
  title: string;
  unit: string;
  address?: string;
  role?: string;
  titleMailbox?: string;
  externalId?: string;
  json?: boolean;
}

export function officialCommands(program: Command, withParts: WithDirectory): void {
  const official = program.command('official').description('officials: their accounts, posts and passwords');
  official
    .command('add <full-name>')
    .description('add an official; prints the first password once')
    .requiredOption('--title <text>', 'of the post, e.g. "Chuyên viên"')
    .requiredOption('--unit <code>')
    .option('--address <address>', 'by hand; default by the rule')
    .option('--role <word>', 'lanh_dao, lanh_dao_phong, chuyen_vien, van_thu, quan_tri, mot_cua', 'chuyen_vien')
    .option('--title-mailbox <address>', 'mailbox that goes with the post')
    .option('--external-id <text>', 'key of the person in the staff list')
    .option('--json')
    .action(async (fullName: string, flags: AddFlags) => {
      const { title, unit: unitCode, json, ...rest } = flags;
      const input: OfficialInput = { fullName, title, unitCode, ...rest };
      const added = await withParts(({ db, directory }) =>
        db.write((tx) => directory.addOfficial(tx, input, { actor })),
      );
      console.log(
        json
          ? JSON.stringify({ ...added.official, password: added.password })
          : `added ${added.official.fullName} <${added.official.address}>\nfirst password: ${added.password}`,
      );
    });
  official
    .command('import <file>')
    .description('from CSV or XLSX: all or nothing; prints the first passwords once')
    .option('--dry-run', 'show what it would do')
    .option('--language <language>', 'of errors: vi or en', 'vi')
    .option('--json')
    .action((file: string, flags: ImportFlags) => runImport(withParts, 'officials', file, flags));
  listCommand(official, withParts);
  stateCommands(official, withParts);
  roleCommands(official, withParts);
}

function listCommand(official: Command, withParts: WithDirectory): void {
  official
    .command('list [words]')
    .description('officials whose name, address or title has these words')
    .option('--unit <code>')
    .option('--json')
    .action(async (words: string | undefined, { unit, json = false }: { unit?: string; json?: boolean }) => {
      const found = await withParts(async (parts) => {
        const filter = {
          ...(unit === undefined ? {} : { unitId: (await expectUnit(parts, unit)).id }),
          ...(words === undefined ? {} : { query: words }),
        };
        const all: Official[] = [];
        for (let after: OfficialId | undefined; ; after = all.at(-1)?.id) {
          const page = await parts.directory.officials({
            ...filter,
            limit: 1000,
            ...(after === undefined ? {} : { after }),
          });
          all.push(...page);
          if (page.length < 1000) return all;
        }
      });
      if (json) return console.log(JSON.stringify(found, null, 2));
      for (const { address, fullName, status, posts } of found) {
        const post = posts[0];
        console.log(
          [address, fullName, post ? `${post.title}, ${post.unitName}` : '', status === 'disabled' ? 'disabled' : '']
            .join('\t')
            .trimEnd(),
        );
      }
      console.log(`${found.length} official(s)`);
    });
}

function stateCommands(official: Command, withParts: WithDirectory): void {
  for (const state of ['disable', 'enable'] as const) {
    official
      .command(`${state} <address>`)
      .description(
        state === 'disable'
          ? 'nobody signs in, nothing arrives; the mail stays'
          : 'let in again; delegations and roles do not come back',
      )
      .action(async (address: string) => {
        await withParts(async (parts) => {
          const { id } = await expectOfficial(parts, address);
          const change = state === 'disable' ? parts.directory.disableOfficial : parts.directory.enableOfficial;
          await parts.db.write((tx) => change(tx, id, { actor }));
          if (state === 'disable') await parts.signing.retireKeysOf(id, actor);
        });
        console.log(`${state}d ${address}`);
      });
  }
  official
    .command('password <address>')
    .description('a new first password, printed once; sessions and app passwords end')
    .option('--json')
    .action(async (address: string, { json = false }: { json?: boolean }) => {
      const password = await withParts(async (parts) =>
        parts.credentials.resetPassword((await expectOfficial(parts, address)).id, undefined, { actor }),
      );
      console.log(json ? JSON.stringify({ address, password }) : `first password of ${address}: ${password}`);
    });
}

const roles = ['system_admin', 'unit_admin', 'security_officer'] as const;

function roleCommands(official: Command, withParts: WithDirectory): void {
  for (const verb of ['grant', 'revoke'] as const) {
    official
      .command(`${verb} <address> <role>`)
      .description(`${verb === 'grant' ? 'give' : 'take'} a role: ${roles.join(', ')}`)
      .option('--unit <code>', 'for this unit and those below it; default the whole province')
      .action(async (address: string, roleName: string, { unit }: { unit?: string }) => {
        const role = roles.find((one) => one === roleName);
        if (!role) throw new DomainError('invalid', 'role.unknown', `${roleName} is none of ${roles.join(', ')}`);
        await withParts(async (parts) => {
          const { id } = await expectOfficial(parts, address);
          const grant: Grant = {
            role,
            unitId: unit === undefined ? (0 as UnitId) : (await expectUnit(parts, unit)).id,
          };
          const change = verb === 'grant' ? parts.directory.grantRole : parts.directory.revokeRole;
          await parts.db.write((tx) => change(tx, id, grant, { actor }));
        });
        console.log(
          `${address} ${verb === 'grant' ? 'is now' : 'is no longer'} ${role}${unit === undefined ? '' : ` of ${unit}`}`,
        );
      });
  }
}
