import type { Catalogue } from '../i18n.ts';
import { common } from './common.ts';
import { mail } from './mail.ts';
import { work } from './work.ts';

export const en: Catalogue = { ...common, ...mail, ...work };
