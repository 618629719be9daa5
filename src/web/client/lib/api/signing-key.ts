import type { OwnKey } from '../../../../base/api-types.ts';
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
}): Promise<OwnKey> => api('PUT', '/signing/key', { publicKey, privateKey, revocation });
export const revokeOwnKey = (reason: 'superseded' | 'compromised'): Promise<void> =>
  api('POST', '/signing/key/revoke', { reason });
