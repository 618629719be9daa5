import type { MailPrograms } from '../../../../../base/api-types.ts';
import { api } from '../../../lib/http.ts';

export const getMailPrograms = (): Promise<MailPrograms> => api('GET', '/mail-programs');
/** Opened by the browser itself: the device, not the page, takes the profile. */
export const appleProfilePath = '/api/v1/mail-programs/apple';
