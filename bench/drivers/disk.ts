/** What the loaded mailbox costs on disk, per byte of its mail. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

import type { Bench } from '../lib/driver.ts';
import { round } from '../lib/figures.ts';
import type { Ours } from '../lib/ours.ts';
import { bytesOf, type Store } from '../lib/peer.ts';
import { blocksOf, type Figures } from '../lib/side.ts';
import { bytesByTable } from '../lib/sqlite.ts';
import { ownerOf, wantedMessages } from './load.ts';

const mailBytes = (bench: Bench) =>
  bench.corpus.messages.slice(0, wantedMessages(bench)).reduce((sum, { size }) => sum + size, 0);

/** Tables of the full-text index of mail and what goes with it (scripts/search.sqlite.sql). */
const OF_THE_INDEX = /email_(?:search|marks)|search_|message_texts/;

/** The whole data folder (database, content, keys) after index and write-ahead log came to rest, less the empty installation. */
export async function ourDisk(side: Ours, bench: Bench): Promise<Figures> {
  const mail = mailBytes(bench);
  const all = (await side.disk()) - side.emptyBytes;
  const content = blocksOf(join(side.data, 'blobs'));
  const tables = bytesByTable(side.data);
  const index = tables.filter(({ name }) => OF_THE_INDEX.test(name)).reduce((sum, { bytes }) => sum + bytes, 0);
  const share = (bytes: number) => round(bytes / mail, 3);
  bench.say(
    `ours disk: ${share(all)} per byte of ${round(mail / 1e6)} MB; content ${share(content)}, database ${share(statSync(join(side.data, 'congvu.db')).size)}, of it text index ${share(index)}`,
  );
  bench.say(
    `ours tables: ${tables
      .slice(0, 12)
      .map(({ name, bytes }) => `${name} ${round(bytes / 1e6)} MB`)
      .join(', ')}`,
  );
  return { 'disk.share': share(all), 'disk.index': share(index) };
}

/** The home folder of the official: mail, Dovecot's own indexes, Xapian's. */
export function peerDisk(store: Store, bench: Bench): Figures {
  const bytes = bytesOf(store, ownerOf(bench));
  const share = (part: number) => round(part / mailBytes(bench), 3);
  bench.say(`${store} disk: ${share(bytes.mail)} per byte, of it Xapian ${share(bytes.index)}`);
  return { 'disk.share': share(bytes.mail), 'disk.index': share(bytes.index) };
}
