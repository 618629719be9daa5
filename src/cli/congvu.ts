/** congvu: one program for serving and for administering. `congvu help` lists the commands. */
import { createProgram } from './program.ts';
import { fail } from './with-parts.ts';

createProgram().parseAsync().catch(fail);
