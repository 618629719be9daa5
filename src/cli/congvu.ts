/** congvu: one program for serving and for administering. `congvu help` lists the commands. */
import { createProgram } from './program.ts';
import { fail } from './with-parts.ts';

// `congvu unit list | head`: the reader has gone, and nothing is wrong.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

createProgram().parseAsync().catch(fail);
