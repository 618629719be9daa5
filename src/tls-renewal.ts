/**
 * A renewed certificate is taken for new connections without a restart: the files are looked at now and then, and on SIGHUP.
 * What cannot be used (half-written, key and certificate that do not fit, out of time) leaves the one in use and is logged once.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import type { CertificatePair } from './base/self-signed.ts';
import type { Parts } from './parts.ts';

export interface TlsRenewal {
  /** Looks now. */
  look(): Promise<void>;
  stop(): void;
}

export function watchTls(
  { config, clock, log, db, audit }: Pick<Parts, 'config' | 'clock' | 'log' | 'db' | 'audit'>,
  used: CertificatePair,
  read: () => Promise<CertificatePair>,
  take: (pair: CertificatePair) => void,
): TlsRenewal {
  let inUse = used;
  let complained = '';
  const lookOnce = async (): Promise<void> => {
    try {
      const pair = await read();
      if (pair.cert === inUse.cert && pair.key === inUse.key) return;
      const { fingerprint256, validTo } = usable(pair, clock.now());
      take(pair);
      inUse = pair;
      complained = '';
      log.info({ fingerprint256, validTo }, 'a renewed certificate is used from now on');
      const details = { fingerprint256, validTo };
      await db.write((tx) => audit.record(tx, { actor: 'system', action: 'tls.renew', object: 'tls', details }));
    } catch (error) {
      const why = String(error);
      if (why !== complained) log.error({ err: error }, 'the changed certificate cannot be used: the one before stays');
      complained = why;
    }
  };
  let running: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => (running = running.then(lookOnce));
  const timer = setInterval(() => void look(), config.tls.checkSeconds * 1000).unref();
  return { look, stop: () => clearInterval(timer) };
}

/** @throws when clients would not take it */
function usable(pair: CertificatePair, now: number): X509Certificate {
  createSecureContext(pair);
  const found = new X509Certificate(pair.cert);
  if (!found.checkPrivateKey(createPrivateKey(pair.key))) throw new Error('the key does not belong to the certificate');
  if (now > Date.parse(found.validTo)) throw new Error(`the certificate ended on ${found.validTo}`);
  if (now < Date.parse(found.validFrom)) throw new Error(`the certificate begins on ${found.validFrom}`);
  return found;
}
