import { common } from './common.ts';
import { mail } from './mail.ts';
import { work } from './work.ts';

export const vi = { ...common, ...mail, ...work };
