/**
 * Durable deliveries per second over connections kept open, until every message is visible over IMAP.
 * Usage: npx tsx bench/deliveries.ts [--fresh] [--scale 0.25]   (--fresh: a new connection per message; --scale: so many messages)
 */
import { figuresOf } from './lib/proc.ts';
import { argument, report, round, seconds } from './lib/figures.ts';
import { Imap } from './lib/imap.ts';
import { startServer, type BenchServer } from './lib/server.ts';
import { Smtp } from './lib/smtp.ts';

const MAILBOXES = 10;
const fresh = process.argv.includes('--fresh');

interface Run {
  connections: number;
  size: number;
  count: number;
}

const server = await startServer();
report({ test: 'first start of the demo', seconds: round(server.startSeconds, 2) });
report({ test: 'memory idle', ...figuresOf(server.pid) });
const scale = argument('--scale', 1);
for (const size of [10_240, 102_400]) {
  for (const connections of [1, 10, 50])
    await measure(server, { connections, size, count: Math.round((size > 50_000 ? 1500 : 4000) * scale) });
}
report({ test: 'memory after', ...figuresOf(server.pid) });
await server.stop();

async function measure({ accounts, ports, pid }: BenchServer, { connections, size, count }: Run): Promise<void> {
  const to = accounts.slice(0, MAILBOXES);
  const watchers = await Promise.all(to.map(({ address, password }) => Imap.open(ports.imaps, address, password)));
  const before = await Promise.all(watchers.map((w) => w.count()));
  const cpu = figuresOf(pid).cpuSeconds;
  const begun = performance.now();
  let next = 0;
  const worker = async () => {
    let smtp = await Smtp.open(ports.smtp);
    for (let i = next++; i < count; i = next++) {
      await smtp.send('sender@example.org', [to[i % to.length]?.address ?? ''], message(i, size));
      if (fresh) {
        smtp.close();
        smtp = await Smtp.open(ports.smtp);
      }
    }
    smtp.close();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const accepted = seconds(begun);
  const after = await Promise.all(watchers.map((w) => w.count()));
  const visible = after.reduce((sum, n, i) => sum + n - (before[i] ?? 0), 0);
  const total = seconds(begun);
  const used = figuresOf(pid);
  report({
    test: fresh ? 'deliveries, a connection each' : 'deliveries',
    size,
    connections,
    count,
    visible,
    acceptedSeconds: round(accepted, 2),
    perSecond: round(count / total),
    cpuMsEach: round(((used.cpuSeconds - cpu) * 1000) / count, 2),
    rssMb: used.rssMb,
  });
  watchers.forEach((w) => w.close());
}

function message(i: number, size: number): Buffer {
  const head = `From: Sender <sender@example.org>\r\nTo: nhan@caoson.gov.vn\r\nSubject: Thu so ${i}\r\nDate: Sun, 22 Nov 2026 09:00:00 +0700\r\nMessage-ID: <bench-${process.pid}-${size}-${Math.random().toString(36).slice(2)}-${i}@example.org>\r\n\r\n`;
  const line = `Dong ${i} ${'noi dung thu cong vu '.repeat(3)}`.padEnd(76, '.') + '\r\n';
  return Buffer.from(head + line.repeat(Math.max(1, Math.ceil((size - head.length) / line.length))));
}
