/** A self-signed TLS certificate for the first start: opportunistic TLS works at once, a real certificate replaces it. */
import { webcrypto } from 'node:crypto';

import { Integer, OctetString, Utf8String } from 'asn1js';
import * as pkijs from 'pkijs';

export interface CertificatePair {
  key: string;
  cert: string;
}

/** ECDSA P-256, ten years from `now`. */
export async function selfSigned(names: readonly string[], now: number): Promise<CertificatePair> {
  const crypto = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as unknown as Crypto });
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ valueHex: serial() });
  for (const name of [certificate.subject, certificate.issuer]) {
    name.typesAndValues.push(
      new pkijs.AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value: names[0] ?? 'localhost' }) }),
    );
  }
  certificate.notBefore.value = new Date(now - 86_400_000);
  certificate.notAfter.value = new Date(now + 3650 * 86_400_000);
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey, crypto);
  certificate.extensions = [subjectAltName(names)];
  await certificate.sign(keys.privateKey, 'SHA-256', crypto);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: pem('PRIVATE KEY', pkcs8), cert: pem('CERTIFICATE', certificate.toSchema(true).toBER(false)) };
}

function subjectAltName(names: readonly string[]): pkijs.Extension {
  const altNames = new pkijs.GeneralNames({
    names: names.map((name) =>
      /^\d+(\.\d+){3}$/.test(name)
        ? new pkijs.GeneralName({
            type: 7,
            value: new OctetString({ valueHex: Uint8Array.from(name.split('.').map(Number)).buffer }),
          })
        : new pkijs.GeneralName({ type: 2, value: name }),
    ),
  });
  return new pkijs.Extension({ extnID: '2.5.29.17', critical: false, extnValue: altNames.toSchema().toBER(false) });
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
function serial(): ArrayBuffer {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.buffer;
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
