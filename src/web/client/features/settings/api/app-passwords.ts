import type { AppPasswordView } from '../../../../../base/api-types.ts';
import { api } from '../../../lib/http.ts';

export const listAppPasswords = async (): Promise<AppPasswordView[]> =>
  (await api<{ appPasswords: AppPasswordView[] }>('GET', '/app-passwords')).appPasswords;
export const createAppPassword = (label: string): Promise<{ id: number; password: string }> =>
  api('POST', '/app-passwords', { label });
export const deleteAppPassword = (id: number): Promise<void> => api('DELETE', `/app-passwords/${id}`);
