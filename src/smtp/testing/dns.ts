/** A DNS server of the test's own (RFC 1035): answers what it is told, over UDP on a free port. */
import { createSocket } from 'node:dgram';

import { txtStrings } from '../dns-records.ts';

export interface Zone {
  [name: string]: {
    A?: string[];
    AAAA?: string[];
    TXT?: string[];
    MX?: [priority: number, exchange: string][];
    /** SERVFAIL, or no answer at all. */
    fails?: 'servfail' | 'silent';
  };
}

const TYPES = { 1: 'A', 15: 'MX', 16: 'TXT', 28: 'AAAA' } as const;

export async function dnsServer(
  zone: Zone,
): Promise<{ address: string; zone: Zone; questions: string[]; stop(): Promise<void> }> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (query, peer) => {
    const { name, type, end } = question(query);
    const known = TYPES[type as keyof typeof TYPES];
    questions.push(`${known ?? type} ${name}`);
    const node = zone[name];
    if (node?.fails === 'silent') return;
    const records = node && known ? recordsOf(node, known) : [];
    // An empty name within the zone (x.y where only a.x.y exists) is an answer without records, not "no such name".
    const exists = node !== undefined || Object.keys(zone).some((other) => other.endsWith(`.${name}`));
    const rcode = node?.fails === 'servfail' ? 2 : exists ? 0 : 3;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | rcode, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    const answers = records.map((data) => {
      const record = Buffer.alloc(12);
      record.writeUInt16BE(0xc00c, 0);
      record.writeUInt16BE(type, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt32BE(60, 6);
      record.writeUInt16BE(data.length, 10);
      return Buffer.concat([record, data]);
    });
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    zone,
    questions,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordsOf(node: Zone[string], type: (typeof TYPES)[keyof typeof TYPES]): Buffer[] {
  switch (type) {
    case 'A':
      return (node.A ?? []).map((address) => Buffer.from(address.split('.').map(Number)));
    case 'AAAA':
      return (node.AAAA ?? []).map((address) =>
        Buffer.from(address.split(':').flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])),
      );
    case 'MX':
      return (node.MX ?? []).map(([priority, exchange]) =>
        Buffer.concat([Buffer.from([priority >> 8, priority & 255]), encodeName(exchange)]),
      );
    case 'TXT':
      return (node.TXT ?? []).map((text) =>
        Buffer.concat(
          txtStrings(text).map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')])),
        ),
      );
  }
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}
