/** Search of a phrase in the bodies of 20,000 messages; every hit is looked at. */
import { kindOf, type Kind } from '../lib/corpus.ts';
import type { Bench } from '../lib/driver.ts';
import { round, timed } from '../lib/figures.ts';
import type { Imap } from '../lib/imap.ts';
import type { Figures, Side } from '../lib/side.ts';
import { onInbox, opened, told } from './imap.ts';
import { wantedMessages } from './load.ts';

export async function search(side: Side, bench: Bench): Promise<Figures> {
  const { phrase, rare } = bench.corpus;
  const bare = phrase.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd');
  const marked = await look(side, bench, 'BODY', phrase);
  const again = await onInbox(side, bench, 5, (imap) => find(imap, 'BODY', phrase));
  const unmarked = await look(side, bench, 'BODY', bare);
  const decomposed = await look(side, bench, 'BODY', phrase.normalize('NFD'));
  const rareMs = await onInbox(side, bench, 3, (imap) => find(imap, 'TEXT', rare));
  const subject = await onInbox(side, bench, 3, (imap) => find(imap, 'SUBJECT', 'báo cáo tình hình'));
  bench.say(
    `${side.name} search: phrase ${marked.ms} ms (${marked.told}), again ${again} ms; without marks ${unmarked.ms} ms (${unmarked.told}); typed as NFD ${decomposed.ms} ms (${decomposed.told}); rare TEXT ${rareMs} ms; SUBJECT ${subject} ms`,
  );
  return {
    'search.first': marked.ms,
    'search.again': again,
    'search.right': marked.right,
    'search.found': marked.found,
    'search.bare': unmarked.ms,
    'search.bareRight': unmarked.right,
    'search.bareFound': unmarked.found,
    'search.nfdFound': decomposed.found,
    'search.rare': rareMs,
    'search.subject': subject,
    ...(await otherKeys(side, bench)),
  };
}

/** What is no text of the message. */
async function otherKeys(side: Side, bench: Bench): Promise<Figures> {
  const imap = await opened(side, bench);
  const { lines } = await imap.run('FETCH 1000 BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]');
  imap.close();
  const keys = {
    'search.id': `HEADER Message-ID "${/<[^>]+>/.exec(lines.join(''))?.[0] ?? ''}"`,
    'search.from': 'FROM nguyen',
    'search.sent': 'SENTSINCE 1-Jan-2024',
    'search.size': 'NOT (OR LARGER 20000 SINCE 1-Jan-2024)',
  };
  const figures: Figures = {};
  for (const [key, text] of Object.entries(keys))
    figures[key] = await onInbox(side, bench, 5, (one) => one.skim(`SEARCH ${text}`));
  bench.say(`${side.name} keys: ${told(figures)}`);
  return figures;
}

const find = async (imap: Imap, key: string, words: string): Promise<number[]> => {
  const { lines } = await imap.run(`SEARCH CHARSET UTF-8 ${key} `, Buffer.from(words));
  const answer = lines.find((line) => line.startsWith('* SEARCH')) ?? '';
  return answer.slice(8).trim().split(' ').filter(Boolean).map(Number);
};

interface Looked {
  ms: number;
  /** Share of the hits that hold the phrase, percent. */
  right: number;
  /** Share of the messages with the phrase that were hit, percent. */
  found: number;
  told: string;
}

async function look(side: Side, bench: Bench, key: string, words: string): Promise<Looked> {
  const imap = await opened(side, bench);
  let hits: number[] = [];
  const ms = round(await timed(async () => (hits = await find(imap, key, words))));
  const kinds = await kindsOf(imap, hits);
  imap.close();
  const wanted = Array.from({ length: wantedMessages(bench) }, (_, i) => kindOf(i)).filter(holds).length;
  const right = [...kinds].reduce((sum, [kind, count]) => sum + (holds(kind) ? count : 0), 0);
  return {
    ms,
    right: hits.length === 0 ? 0 : round((100 * right) / hits.length),
    found: round((100 * right) / wanted),
    told: `${right} of ${wanted}; ${[...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
  };
}

const holds = (kind: Kind) => kind === 'nfc' || kind === 'nfd' || kind === 'entities';

/** The corpus writes a message's number into its Message-ID. */
async function kindsOf(imap: Imap, hits: readonly number[]): Promise<Map<Kind, number>> {
  const kinds = new Map<Kind, number>();
  if (hits.length === 0) return kinds;
  const { lines } = await imap.run(`FETCH ${hits.join(',')} BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]`);
  for (const line of lines) {
    const number = /\.(\d+)@/.exec(line)?.[1];
    if (number === undefined) continue;
    const kind = kindOf(Number(number));
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}
