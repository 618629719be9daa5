import type { OwnKey } from '../../../../base/api-types.ts';
import { withPassword } from '../confirm-password.ts';
import { api, ApiError } from '../http.ts';

export async function getOwnKey(): Promise<OwnKey | null> {
  try {
    return await api<OwnKey>('GET', '/signing/key');
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
export const putOwnKey = ({
  publicKey,
  privateKey,
  revocation,
}: {
  publicKey: string;
  privateKey: string;
  revocation: string;
}): Promise<OwnKey> =>
  withPassword((password) => api('PUT', '/signing/key', { publicKey, privateKey, revocation, password }));
export const revokeOwnKey = (reason: 'superseded' | 'compromised'): Promise<void> =>
  withPassword((password) => api('POST', '/signing/key/revoke', { reason, password }));
