import { Command } from 'commander';

import { apiKeyCommands } from './api-key.ts';
import { backupCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { initCommand } from './init.ts';
import { officialCommands } from './official.ts';
import { repairCommand } from './repair.ts';
import { queueCommands } from './queue.ts';
import { restoreCommand } from './restore.ts';
import { serveCommand } from './serve.ts';
import { unitCommands } from './unit.ts';
import { withPartsOf, type GlobalOptions } from './with-parts.ts';

/** Every command; nothing runs yet. */
export function createProgram(): Command {
  const program = new Command('congvu')
    .description('Công Vụ: thư điện tử công vụ, ký số và văn bản')
    .option('--data <folder>', 'data folder (CONGVU_DATA; default ./data)')
    .option('--config <file>', 'configuration file (CONGVU_CONFIG; default congvu.toml in the data folder)')
    .showHelpAfterError();

  const options = (): GlobalOptions => program.opts<GlobalOptions>();
  const withParts = withPartsOf(options);

  serveCommand(program, options);
  demoCommand(program, options);
  initCommand(program, options);
  doctorCommand(program, options);
  checkCommand(program, withParts);
  repairCommand(program, withParts);
  backupCommand(program, withParts);
  restoreCommand(program, options, withParts);
  queueCommands(program, withParts);
  unitCommands(program, withParts);
  officialCommands(program, withParts);
  apiKeyCommands(program, withParts);

  return program;
}
