import type { Command } from 'commander';

import type { UnitInput } from '../directory/types.ts';
import { dayOf } from '../directory/units.models.ts';
import { actor, expectOfficial, runImport, type ImportFlags, type WithDirectory } from './directory-parts.ts';
import { DomainError } from '../base/errors.ts';

interface AddFlags {
  parent?: string;
  email?: string;
  shortName?: string;
  abbreviation?: string;
  kind?: string;
  tier?: string;
  place?: string;
  legacyCode?: string;
  from?: string;
  seal?: boolean;
  registers?: boolean;
  json?: boolean;
}

export function unitCommands(program: Command, withParts: WithDirectory): void {
  const unit = program.command('unit').description('units: the tree of offices with their mailboxes');
  unit
    .command('add <code> <name>')
    .description('add a unit, e.g. H99.06 "Sở Khoa học và Công nghệ"')
    .option('--parent <code>', 'unit above it')
    .option('--email <address>', 'address of its mailbox')
    .option('--short-name <text>')
    .option('--abbreviation <text>', 'as in document numbers')
    .option('--kind <word>', 'so, phong, ubnd_xa …', 'khac')
    .option('--tier <tier>', 'trung_uong, tinh or xa', 'tinh')
    .option('--place <name>', 'as written before the date of a document', '')
    .option('--legacy-code <code>', 'as in QCVN 102:2016')
    .option('--from <day>', 'yyyy-mm-dd; default today')
    .option('--seal', 'has a seal')
    .option('--registers', 'keeps registers')
    .option('--json')
    .action(async (code: string, name: string, flags: AddFlags) => {
      const added = await withParts(({ db, clock, directory }) =>
        db.write((tx) => directory.addUnit(tx, inputOf(code, name, flags, dayOf(clock.now())), { actor })),
      );
      console.log(
        flags.json
          ? JSON.stringify(added)
          : `added ${added.code} ${added.name}${added.email === null ? '' : ` <${added.email}>`}`,
      );
    });
  unit
    .command('import <file>')
    .description('from CSV, XLSX or JSON: all or nothing')
    .option('--dry-run', 'show what it would do')
    .option('--language <language>', 'of errors: vi or en', 'vi')
    .option('--json')
    .action((file: string, flags: ImportFlags) => runImport(withParts, 'units', file, flags));
  unit
    .command('list')
    .description('all units by code')
    .option('--json')
    .action(async ({ json = false }: { json?: boolean }) => {
      const units = await withParts(({ directory }) => directory.units());
      if (json) return console.log(JSON.stringify(units, null, 2));
      for (const { code, name, email, validTo } of units)
        console.log([code, name, email ?? '', validTo === null ? '' : `closed ${validTo}`].join('\t').trimEnd());
    });
  unit
    .command('close <code> <day>')
    .description('from that day (yyyy-mm-dd) on it no longer stands; its code and mail stay')
    .action(async (code: string, day: string) => {
      await withParts(({ db, directory }) => db.write((tx) => directory.closeUnit(tx, code, day, { actor })));
      console.log(`${code} closes on ${day}`);
    });
  delegateCommand(unit, withParts);
}

function inputOf(code: string, name: string, flags: AddFlags, today: string): UnitInput {
  return {
    ...{ code, name },
    shortName: flags.shortName ?? name,
    abbreviation: flags.abbreviation ?? '',
    kind: flags.kind ?? 'khac',
    // The directory refuses what is none of the three.
    adminTier: (flags.tier ?? 'tinh') as UnitInput['adminTier'],
    parentCode: flags.parent ?? null,
    email: flags.email ?? null,
    place: flags.place ?? '',
    legacyCode: flags.legacyCode ?? null,
    hasSeal: flags.seal ?? false,
    ownsRegisters: flags.registers ?? false,
    validFrom: flags.from ?? today,
  };
}

function delegateCommand(unit: Command, withParts: WithDirectory): void {
  unit
    .command('delegate <mailbox> <official>')
    .description('let an official open a unit or title mailbox')
    .option('--read-only', 'without sending from it')
    .option('--remove', 'end the delegation')
    .action(
      async (
        mailbox: string,
        address: string,
        { readOnly = false, remove = false }: { readOnly?: boolean; remove?: boolean },
      ) => {
        await withParts(async (parts) => {
          const owner = await parts.directory.resolve(mailbox);
          if (!owner) throw new DomainError('notFound', 'address.not_found', `there is no mailbox ${mailbox}`);
          const { id } = await expectOfficial(parts, address);
          await parts.db.write((tx) =>
            remove
              ? parts.directory.removeDelegate(tx, owner.accountId, id, { actor })
              : parts.directory.addDelegate(tx, owner.accountId, id, { canSend: !readOnly, actor }),
          );
        });
        console.log(remove ? `${address} no longer opens ${mailbox}` : `${address} opens ${mailbox}`);
      },
    );
}
