/** Two acts, each on a fresh data folder of ours: mail that arrives, and a large mailbox. In each, every step runs on all sides in turn. */
import { deliveries, strangers } from '../drivers/deliveries.ts';
import { ourDisk, peerDisk } from '../drivers/disk.ts';
import { fanOut } from '../drivers/fan-out.ts';
import { idle, memory } from '../drivers/idle.ts';
import { reading } from '../drivers/imap.ts';
import { appending } from '../drivers/append.ts';
import { load, ownerOf } from '../drivers/load.ts';
import { search } from '../drivers/search.ts';
import { storing } from '../drivers/store.ts';
import { syncing } from '../drivers/sync.ts';
import type { Bench, Driver } from './driver.ts';
import { startOurs, type Ours } from './ours.ts';
import type { Peer, Store } from './peer.ts';
import type { Figures } from './side.ts';

export const GROUPS = [
  'memory',
  'deliveries',
  'fanout',
  'idle',
  'disk',
  'imap',
  'search',
  'store',
  'append',
  'sync',
] as const;

interface Stage {
  bench: Bench;
  peer: Peer | undefined;
  ours: boolean;
  keep: string | undefined;
  steps: readonly Step[];
  take(side: string, figures: Figures): void;
}

interface Step {
  group: (typeof GROUPS)[number];
  /** On our side and on these stores of the peer. */
  stores: readonly Store[];
  driver?: Driver;
  /** Where the sides differ. */
  ours?: (side: Ours, bench: Bench) => Promise<Figures>;
  peer?: (peer: Peer, store: Store, bench: Bench) => Promise<Figures>;
}

const arriving: Step[] = [
  {
    group: 'memory',
    stores: ['maildir'],
    driver: memory,
    peer: alsoHibernated,
  },
  {
    group: 'deliveries',
    stores: ['maildir'],
    driver: deliveries,
    ours: async (side, bench) => ({ ...(await deliveries(side, bench)), ...(await asStrangers(bench)) }),
  },
  { group: 'fanout', stores: ['maildir', 'mdbox'], driver: fanOut },
  { group: 'idle', stores: ['maildir'], driver: idle },
];

const large: Step[] = [
  {
    group: 'disk',
    stores: ['maildir', 'mdboxz', 'fts'],
    ours: ourDisk,
    peer: async (_, store, bench) => peerDisk(store, bench),
  },
  { group: 'imap', stores: ['maildir'], driver: reading },
  { group: 'search', stores: ['maildir', 'fts'], driver: search },
  { group: 'store', stores: ['maildir'], driver: storing },
  { group: 'append', stores: ['maildir'], driver: appending },
  { group: 'sync', stores: ['maildir'], driver: syncing },
];

export const acts: { steps: Step[]; play(stage: Stage): Promise<void> }[] = [
  { steps: arriving, play: (stage) => onOurs(stage, undefined, (ours) => playSteps(stage, ours)) },
  {
    steps: large,
    play: (stage) =>
      onOurs(stage, stage.keep, async (ours) => {
        const { bench, peer, take } = stage;
        if (peer) {
          take('maildir', await load(peer.side('maildir'), bench));
          for (const store of new Set(stage.steps.flatMap(({ stores }) => stores))) {
            bench.say(`${store}: the large mailbox`);
            await peer.copyLoaded(store, ownerOf(bench));
          }
        }
        if (ours) take('ours', await load(ours, bench));
        await playSteps(stage, ours);
      }),
  },
];

async function onOurs(
  stage: Stage,
  keep: string | undefined,
  work: (ours: Ours | undefined) => Promise<void>,
): Promise<void> {
  if (!stage.ours) return work(undefined);
  const ours = await startOurs({ keep });
  try {
    await work(ours);
  } finally {
    await ours.stop();
  }
}

async function playSteps({ bench, peer, steps, take }: Stage, ours: Ours | undefined): Promise<void> {
  for (const step of steps) {
    for (const store of peer ? step.stores : []) if (peer) take(store, await onPeer(step, peer, store, bench));
    const driver = step.ours ?? step.driver;
    if (ours && driver) take('ours', await driver(ours, bench));
  }
}

async function onPeer(step: Step, peer: Peer, store: Store, bench: Bench): Promise<Figures> {
  if (step.peer) return step.peer(peer, store, bench);
  return step.driver ? step.driver(peer.side(store), bench) : {};
}

async function alsoHibernated(peer: Peer, store: Store, bench: Bench): Promise<Figures> {
  const stock = await memory(peer.side(store), bench);
  peer.lean(true);
  const aside = await memory(peer.side(store), bench, 8, 'hibernated');
  peer.lean(false);
  return { ...stock, ...aside };
}

async function asStrangers(bench: Bench): Promise<Figures> {
  const server = await startOurs({ strangers: true });
  try {
    return await strangers(server, bench);
  } finally {
    await server.stop();
  }
}
