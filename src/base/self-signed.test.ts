import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createServer, connect } from 'node:tls';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { selfSigned } from './self-signed.ts';

describe('the certificate of the first start', () => {
  it('names the host and fits its key', async () => {
    const { key, cert } = await selfSigned(['mail.caoson.gov.vn', 'localhost', '127.0.0.1'], Date.now());
    const x509 = new X509Certificate(cert);
    expect(x509.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(x509.checkHost('mail.caoson.gov.vn')).toBe('mail.caoson.gov.vn');
    expect(x509.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(x509.verify(x509.publicKey)).toBe(true);
  });

  it('carries a TLS connection of a client that trusts it', async () => {
    const pair = await selfSigned(['localhost'], Date.now());
    const server = createServer(pair, (socket) => socket.end('chào'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: pair.cert });
      socket.on('data', (d: Buffer) => resolve(d.toString())).on('error', reject);
    });
    expect(text).toBe('chào');
    server.close();
  });
});
