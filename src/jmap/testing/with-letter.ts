/** JMAP over HTTP, and Hùng with the letter of every form in the inbox. */
import { sqliteDatabase } from '../../../test/support/databases.ts';
import { list } from './answers.ts';
import { letter } from './letter.ts';
import { openJmap, type Answer, type Client, type JmapWorld } from './server.ts';

export interface WithLetter {
  jmap: JmapWorld;
  hung: Client;
  /** Of the letter. */
  id: string;
  /** Properties of the letter. */
  get(properties: string[] | null, more?: Answer): Promise<Answer>;
  bytesOf(blobId: string): Promise<Buffer>;
  dispose(): Promise<void>;
}

export async function withLetter(): Promise<WithLetter> {
  const jmap = await openJmap(sqliteDatabase);
  const hung = jmap.as(jmap.world.people.hung);
  const id = await hung.append(letter);
  return {
    ...{ jmap, hung, id },
    get: async (properties, more = {}) =>
      list(await hung.call('Email/get', { ids: [id], properties, ...more }))[0] ?? {},
    async bytesOf(blobId) {
      const url = `${jmap.origin}/jmap/download/${hung.accountId}/${blobId}/x`;
      return Buffer.from(await (await fetch(url, { headers: hung.headers })).arrayBuffer());
    },
    dispose: () => jmap.dispose(),
  };
}
