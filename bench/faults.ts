/**
 * kill -9, now and then SIGTERM, at random moments of mixed work, again and again: whatever was acknowledged is there, once, and the store is whole.
 * Usage: npx tsx bench/faults.ts [--kills 300] [--dialect sqlite|pg] [--seed 1] [--look 20]
 *   --look N: all inboxes and "congvu check --deep" after every N kills, and at the end.
 */
import { congvu, install, serve, type Installation } from '../test/support/server.ts';
import { noLimits } from '../test/support/limits.ts';
import { PASSWORD, populate } from '../test/support/people.ts';
import { startPostgres } from '../test/setup/postgres.ts';
import { random } from '../src/base/testing/random.ts';
import { boZone } from '../src/smtp/testing/outbound.ts';
import { mailPeer, type Peer } from '../src/smtp/testing/peer.ts';
import { Ledger, type Seen } from './faults/ledger.ts';
import { bodyOf, load, type Kind, type Target } from './faults/load.ts';
import { mailbox, open } from './faults/look.ts';
import { report, argument } from './lib/figures.ts';

const ADDRESSES = ['hungnv@caoson.gov.vn', 'nhunght@caoson.gov.vn', 'vulh@caoson.gov.vn'];
const REMOTE = 'nguoinhan@bo.example';
/** What a server that dies holds of the queue is free again after so long, ms; nothing that lives may stand still for longer. */
const LEASE = 5000;
/** Whose acknowledgements are waited for before a kill, and how many at most. */
const KINDS: readonly (readonly [Kind, number])[] = [
  ['in', 40],
  ['out', 12],
  ['imap', 30],
];
/** How often it is asked to end instead. */
const POLITELY = 0.15;
const kills = argument('--kills', 300);
const every = argument('--look', 20);
const seed = argument('--seed', Date.now() % 1_000_000);
const dialect = process.argv.includes('pg') ? 'pg' : 'sqlite';

/** The limits against strangers would end the load; a lease must not outlive a dead server for half an hour. */
const toml = (peerPort: number) => `
[smtp.mx]
bannerDelay = 0
${noLimits('mx')}
[smtp.submission]
allowPlainOnLoopback = true
messagesPerOfficialPerHour = 1000000
${noLimits('submission')}
[smtp.outbound]
port = ${peerPort}
allowLocalAddresses = true
concurrencyPerDomain = 20
attemptTimeout = ${LEASE}
`;

interface Run {
  installation: Installation;
  ledger: Ledger;
  random: () => number;
  acknowledged: Record<Kind, number>;
  ids: number;
  killedAt: number[];
}

const takenAt: number[] = [];
const peer = await mailPeer({
  answer: (step) => {
    if (step === 'dot') takenAt.push(Date.now());
    return undefined;
  },
});
const postgres = dialect === 'pg' ? await startPostgres() : undefined;
const database = postgres ? { databaseUrl: `${postgres.url}postgres` } : {};
const run: Run = {
  installation: await install({ toml: toml(peer.port), zone: boZone(), ...database }),
  ledger: new Ledger(),
  // The same moments again for the same seed, as far as the machine allows.
  random: random(seed).next,
  acknowledged: { in: 0, out: 0, imap: 0 },
  ids: 0,
  killedAt: [],
};
try {
  report({ test: 'kill -9', dialect, seed, kills });
  await prepare(run);
  for (let i = 1; i <= kills; i++) {
    await killOnce(run);
    if (i % every === 0) await lookAtAll(run, i);
    if (run.ledger.faults.length > 0) break;
  }
  await finish(run, peer);
} finally {
  await peer.stop();
  if (process.argv.includes('--keep')) report({ kept: run.installation.data });
  else await run.installation.dispose();
  await postgres?.stop();
}
process.exit(run.ledger.faults.length > 0 ? 1 : 0);

async function prepare({ installation }: Run): Promise<void> {
  await populate(installation);
  const server = await serve(installation);
  for (const address of ADDRESSES)
    await open({ port: installation.ports.imaps, address, password: PASSWORD }, async (imap) => {
      await imap.run('CREATE Kho');
      await imap.run('CREATE Xong');
    });
  await server.kill('SIGTERM');
}

/** Up, a look at what the last kill left, load, and down again while everything is under way. */
async function killOnce(state: Run): Promise<void> {
  const { installation, ledger, random } = state;
  const server = await serve(installation);
  await lookAtItems(state);
  if (ledger.faults.length > 0) {
    await server.kill('SIGTERM');
    return;
  }
  // Mail that comes in is answered so quickly that the others would hardly ever be hit: each time another of them says when.
  const [kind, most] = KINDS[Math.floor(random() * KINDS.length)] ?? ['in', 40];
  const before = state.acknowledged[kind];
  let ended = false;
  const working = load(target(state), ledger)
    .catch((error: unknown) => ledger.fault(`the server said what it must not: ${String(error)}`))
    .finally(() => (ended = true));
  const wanted = before + 1 + Math.floor(random() * most);
  while (state.acknowledged[kind] < wanted && !ended) await new Promise((resolve) => setTimeout(resolve, 2));
  await new Promise((resolve) => setTimeout(resolve, random() * 120));
  state.killedAt.push(Date.now());
  const signal = random() < POLITELY ? 'SIGTERM' : 'SIGKILL';
  const code = await server.kill(signal);
  if (signal === 'SIGTERM' && code !== 0) ledger.fault(`SIGTERM ended it with ${code}`);
  await working;
}

function target(state: Run): Target {
  const { ports } = state.installation;
  return {
    ports,
    addresses: ADDRESSES,
    password: PASSWORD,
    remote: REMOTE,
    random: state.random,
    nextId: () => `m${++state.ids}.${seed}@example.org`,
    acknowledged: (kind) => void state.acknowledged[kind]++,
  };
}

async function lookAtItems({ installation, ledger }: Run): Promise<void> {
  const port = installation.ports.imaps;
  await Promise.all(
    ADDRESSES.map((address) =>
      open({ port, address, password: PASSWORD }, async (imap) => {
        const seen: Record<'Kho' | 'Xong', Seen> = {
          Kho: await mailbox(imap, 'Kho'),
          Xong: await mailbox(imap, 'Xong'),
        };
        ledger.settle(address, seen);
      }),
    ),
  );
}

/** Beside a running server, as an administrator would: inboxes, and the store from the inside. */
async function lookAtAll(state: Run, after: number): Promise<number> {
  const { installation, ledger } = state;
  const server = await serve(installation);
  await lookAtItems(state);
  const inboxes = new Map<string, Map<string, number>>();
  for (const address of ADDRESSES) {
    const held = new Map<string, number>();
    inboxes.set(address, held);
    const seen = await open({ port: installation.ports.imaps, address, password: PASSWORD }, (imap) =>
      mailbox(imap, 'INBOX'),
    );
    ledger.marked(address, 'INBOX', seen);
    for (const { id } of seen.messages) held.set(id, (held.get(id) ?? 0) + 1);
  }
  const doubles = ledger.settleLetters(inboxes);
  await server.kill('SIGTERM');
  const check = await congvu(installation, 'check', '--deep');
  if (check.code !== 0) ledger.fault(`congvu check: ${check.stdout}${check.stderr}`);
  report({
    kills: after,
    acknowledged: state.acknowledged,
    letters: ledger.letters.size,
    redeliveredAfterLost250: doubles,
    check: check.stdout.trim().split('\n').at(-1),
    faults: ledger.faults,
  });
  return doubles;
}

async function finish(state: Run, { taken }: Peer): Promise<void> {
  const { installation, ledger, killedAt } = state;
  const server = await serve(installation);
  // What waits for the peer goes out: leases of dead servers end after LEASE.
  const sent = () => new Set(taken.map(({ data }) => idOf(data)));
  const owed = () =>
    [...ledger.letters.values()].filter((one) => one.remote && one.acknowledged && !sent().has(one.id));
  for (let i = 0; i < 120 && owed().length > 0; i++) {
    await congvu(installation, 'queue', 'retry');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await server.kill('SIGTERM');
  for (const { id } of owed()) ledger.fault(`${id} was acknowledged and never reached the peer`);
  for (const { data } of taken) {
    const letter = ledger.letters.get(idOf(data));
    if (letter?.body !== bodyOf(data)) ledger.fault(`${idOf(data)} came to the peer as nobody sent it`);
  }
  const times = new Map<string, number[]>();
  taken.forEach(({ data }, i) => times.set(idOf(data), [...(times.get(idOf(data)) ?? []), takenAt[i] ?? 0]));
  let twice = 0;
  for (const [id, at] of times) {
    for (let i = 1; i < at.length; i++) {
      twice++;
      // Between the peer's 250 and our record of it lies one commit: only a kill there may send again.
      const [first = 0, second = 0] = [at[i - 1], at[i]];
      if (killedAt.some((kill) => kill >= first - 50 && kill - first < LEASE)) continue;
      const kill = killedAt.find((one) => one > first);
      const when = `${second - first} ms later, the next kill came ${kill === undefined ? 'never' : `after ${kill - first} ms`}`;
      ledger.fault(`${id} went to the peer again without a kill between its 250 and our record: ${when}`);
    }
  }
  await lookAtAll(state, killedAt.length);
  report({
    test: 'kill -9, at the end',
    dialect,
    seed,
    kills: killedAt.length,
    acknowledged: state.acknowledged,
    toPeer: times.size,
    toPeerAcknowledged: [...ledger.letters.values()].filter((one) => one.remote && one.acknowledged).length,
    toPeerTwice: twice,
    faults: ledger.faults,
  });
}

function idOf(data: string): string {
  return /^Message-ID: <([^>]+)>/im.exec(data)?.[1] ?? '?';
}
