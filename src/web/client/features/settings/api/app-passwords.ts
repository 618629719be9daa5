import type { AppPasswordView } from '../../../../../base/api-types.ts';
import { withPassword } from '../../../lib/confirm-password.ts';
import { api } from '../../../lib/http.ts';

export const listAppPasswords = async (): Promise<AppPasswordView[]> =>
  (await api<{ appPasswords: AppPasswordView[] }>('GET', '/app-passwords')).appPasswords;
export const createAppPassword = (label: string): Promise<{ id: number; password: string }> =>
  withPassword((password) => api('POST', '/app-passwords', { label, password }));
export const deleteAppPassword = (id: number): Promise<void> => api('DELETE', `/app-passwords/${id}`);
