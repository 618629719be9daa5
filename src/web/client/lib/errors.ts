/** Says an error in the reader's language, with its code for the help desk, and what to do next. */
import { ApiError } from './http.ts';
import { t, tMaybe } from './i18n/i18n.ts';
import { JmapError } from './jmap/client.ts';
import { signingCode } from './signer.ts';

/** The same for work with the signing key, whose worker has codes of its own. */
export function describeSigning(error: unknown): string {
  const code = signingCode(error);
  return (code && tMaybe(`key.error.${code}`)) ?? describe(error);
}

export function describe(error: unknown): string {
  if (error instanceof ApiError) {
    const params = { minutes: Math.max(1, Math.ceil((error.retryAfter ?? 60) / 60)), seconds: error.retryAfter ?? 60 };
    return tMaybe(`error.${error.code}`, params) ?? t('error.other', { code: error.code });
  }
  if (error instanceof JmapError) return tMaybe(`error.jmap.${error.type}`) ?? t('error.other', { code: error.type });
  return t('error.other', { code: 'client' });
}
