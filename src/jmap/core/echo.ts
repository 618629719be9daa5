import type { Method } from '../context.ts';
import { capabilities } from '../capabilities.ts';

/** RFC 8620 §4: Core/echo gives its arguments back. */
export const coreEcho: Method = { capability: capabilities.core, run: (args) => Promise.resolve(args) };
