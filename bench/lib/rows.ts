/** The lines of the comparison: which figure, which target; what the peer had on the machine where the targets were set. */
import type { Figures } from './side.ts';
import type { Store } from './peer.ts';

/** Against the peer's figure: at least or at most so many times it. Or a limit of its own. */
export type Target =
  { atLeastTimes: number } | { atMostTimes: number } | { atMost: number } | { atLeast: number } | undefined;

export interface Row {
  group: string;
  work: string;
  unit: string;
  key: string;
  /** The peer's form of storage that it is compared with. */
  against: Store;
  /** Others, named beside it. */
  also?: readonly Store[];
  target: Target;
  /** The peer's figure when the targets were set; stands in where the peer does not run. */
  recorded?: number;
}

const times = (least: number): Target => ({ atLeastTimes: least });
const share = (most: number): Target => ({ atMostTimes: most });
const limit = (most: number): Target => ({ atMost: most });

type Line = [
  work: string,
  unit: string,
  key: string,
  target: Target,
  recorded?: number | undefined,
  against?: Store,
  also?: readonly Store[],
];

const of = (group: string, lines: readonly Line[]): Row[] =>
  lines.map(([work, unit, key, target, recorded, against = 'maildir', also]) => ({
    ...{ group, work, unit, key, target, against },
    ...(recorded === undefined ? {} : { recorded }),
    ...(also === undefined ? {} : { also }),
  }));

const third = share(1 / 3);
const rate = (size: string, connections: number, kind: 'kept' | 'fresh', target: Target, recorded?: number): Line => [
  `${size}, ${connections} connection(s) ${kind === 'kept' ? 'kept open' : 'one per message'}`,
  '/s',
  `${size}.${connections}.${kind}.rate`,
  target,
  recorded,
];
const cpu = (size: string, connections: number, kind: 'kept' | 'fresh', recorded?: number): Line[] => [
  [`  its CPU until visible`, 'ms', `${size}.${connections}.${kind}.cpu`, recorded ? third : undefined, recorded],
  [`  its CPU with what follows (index)`, 'ms', `${size}.${connections}.${kind}.cpuAll`, undefined],
];

export const rows: Row[] = [
  ...of('deliveries', [
    rate('10k', 1, 'kept', times(2), 284),
    ...cpu('10k', 1, 'kept', 6),
    rate('10k', 10, 'kept', times(4), 269),
    ...cpu('10k', 10, 'kept', 6),
    rate('10k', 50, 'kept', times(4), 287),
    ...cpu('10k', 50, 'kept', 6),
    rate('10k', 1, 'fresh', undefined, 282),
    rate('10k', 10, 'fresh', undefined, 294),
    rate('10k', 50, 'fresh', times(2), 251),
    ...cpu('10k', 50, 'fresh'),
    ['10k, 50, one per message, as strangers (wait before the greeting)', '/s', '10k.50.strangers.rate', undefined],
    rate('100k', 1, 'kept', times(1), 137),
    rate('100k', 10, 'kept', times(2.5), 128),
    rate('100k', 50, 'kept', times(2.5), 166),
    ...cpu('100k', 50, 'kept'),
    rate('100k', 1, 'fresh', undefined),
    rate('100k', 10, 'fresh', undefined),
    rate('100k', 50, 'fresh', undefined),
  ]),
  ...of('fanout', [
    ['one message of 6.8 MB to 100, until all see it', 's', 'fanout.seconds', limit(0.3), 1.45, 'maildir', ['mdbox']],
    ['  copies on disk', '×', 'fanout.copies', limit(1.05), 2.03, 'maildir', ['mdbox']],
  ]),
  ...of('idle', [
    ['IDLE notice with 200 idle, p50', 'ms', 'idle.p50', limit(20), 450],
    ['  p99', 'ms', 'idle.p99', limit(50), 477],
  ]),
  ...of('memory', [
    ['memory of an idle TLS connection', 'KB', 'memory.kb', limit(100), 2700],
    ['  the peer with hibernation', 'KB', 'hibernated.kb', undefined, 121],
    ['  memory of the server before them', 'MB', 'memory.base', undefined],
  ]),
  ...of('disk', [
    ['disk per byte of mail, index included', '', 'disk.share', limit(0.75), 1.04, 'maildir', ['mdboxz', 'fts']],
    ['  of it the text index', '', 'disk.index', limit(0.15), 0.24, 'fts'],
  ]),
  ...of('imap', [
    ['login and select, 20,000 messages', 'ms', 'login.ms', share(1), 21],
    ['all metadata, first time', 'ms', 'metadata.first', limit(350), 9000],
    ['all metadata, again', 'ms', 'metadata.again', limit(350), 430],
    ['all flags', 'ms', 'flags.ms', undefined],
    ['1,000 whole messages', 'ms', 'bodies.ms', share(1), 260],
    ['SORT by date, first time', 'ms', 'sort.date.first', undefined, 2963],
    ['  again', 'ms', 'sort.date', undefined, 13],
    ['SORT by subject', 'ms', 'sort.subject', undefined, 10],
    ['SORT by sender', 'ms', 'sort.from', undefined, 11],
    ['THREAD by references, first time', 'ms', 'thread.references.first', undefined, 447],
    ['  again', 'ms', 'thread.references', undefined, 58],
    ['longest wait of another connection meanwhile', 'ms', 'sort.wait', undefined, 21],
  ]),
  ...of('search', [
    ['phrase in bodies, first', 'ms', 'search.first', limit(50), 50, 'fts', ['maildir']],
    ['  again', 'ms', 'search.again', limit(50), 50, 'fts', ['maildir']],
    ['  right hits', '%', 'search.right', { atLeast: 100 }, 27, 'fts', ['maildir']],
    ['  found of all', '%', 'search.found', { atLeast: 100 }, undefined, 'fts', ['maildir']],
    ['  without marks', 'ms', 'search.bare', limit(50), undefined, 'fts', ['maildir']],
    ['  without marks, right hits', '%', 'search.bareRight', { atLeast: 100 }, undefined, 'fts', ['maildir']],
    ['  without marks, found of all', '%', 'search.bareFound', { atLeast: 100 }, undefined, 'fts', ['maildir']],
    ['  typed as NFD, found of all', '%', 'search.nfdFound', { atLeast: 100 }, undefined, 'fts', ['maildir']],
    ['rare words in TEXT', 'ms', 'search.rare', undefined, undefined, 'fts', ['maildir']],
    ['words in SUBJECT', 'ms', 'search.subject', undefined, undefined, 'fts', ['maildir']],
    ['a Message-ID', 'ms', 'search.id', undefined, 5, 'fts', ['maildir']],
    ['a part of FROM', 'ms', 'search.from', undefined, 12, 'fts', ['maildir']],
    ['SENTSINCE', 'ms', 'search.sent', undefined, 10, 'fts', ['maildir']],
    ['NOT, OR, size and date', 'ms', 'search.size', undefined, 35, 'fts', ['maildir']],
  ]),
  ...of('store', [
    ['STORE on 1,000, one command', 'ms', 'store.one', share(1), 25],
    ['STORE on 1,000, 1,000 commands', 'ms', 'store.many', share(1), 449],
  ]),
  ...of('append', [
    ['APPEND of 1,000, one at a time', 's', 'append.single', share(0.5), 2.5],
    ['APPEND of 1,000, 16 in flight', 's', 'append.sixteen', share(0.5), 4.5],
    ['APPEND of 1,000 that are new, one at a time', 's', 'append.new', share(0.5)],
    ['the whole corpus, 4 connections of 4 in flight', '/s', 'load.rate', undefined],
  ]),
  ...of('sync', [
    ['mbsync, first time', 's', 'sync.full', share(0.7), 27.8],
    ['  from a folder, without any server', 's', 'sync.alone', undefined],
    ['mbsync, nothing new', 's', 'sync.nothing', limit(0.2), 1.1],
    ['mbsync, 100 new', 's', 'sync.new', share(1), 0.34],
  ]),
];

export interface Judged extends Row {
  ours: number | undefined;
  peer: number | undefined;
  /** The peer's figure is not of this run. */
  isRecorded: boolean;
  others: { store: Store; value: number }[];
  ratio: number | undefined;
  reached: boolean | undefined;
}

/** Figures by side's name. */
export type Measured = ReadonlyMap<string, Figures>;

export function judge(row: Row, measured: Measured): Judged {
  const ours = measured.get('ours')?.[row.key];
  const now = measured.get(row.against)?.[row.key];
  const peer = now ?? row.recorded;
  const others = (row.also ?? []).flatMap((store) => {
    const value = measured.get(store)?.[row.key];
    return value === undefined ? [] : [{ store, value }];
  });
  const ratio = ours === undefined || peer === undefined || peer === 0 ? undefined : ours / peer;
  return {
    ...row,
    ours,
    peer,
    isRecorded: now === undefined && peer !== undefined,
    others,
    ratio,
    reached: reached(row.target, ours, ratio),
  };
}

function reached(target: Target, ours: number | undefined, ratio: number | undefined): boolean | undefined {
  if (target === undefined || ours === undefined) return undefined;
  if ('atMost' in target) return ours <= target.atMost;
  if ('atLeast' in target) return ours >= target.atLeast;
  if (ratio === undefined) return undefined;
  return 'atLeastTimes' in target ? ratio >= target.atLeastTimes : ratio <= target.atMostTimes;
}

export function targetText({ target, unit }: Pick<Row, 'target' | 'unit'>): string {
  if (target === undefined) return '';
  if ('atMost' in target) return `≤ ${target.atMost} ${unit}`.trim();
  if ('atLeast' in target) return `≥ ${target.atLeast} ${unit}`.trim();
  return 'atLeastTimes' in target ? `≥ ${target.atLeastTimes}×` : `≤ ${Number(target.atMostTimes.toFixed(2))}×`;
}
