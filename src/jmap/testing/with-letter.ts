/** JMAP over HTTP, and Hùng with the letter of every form in the inbox. */
import { sqliteDatabase } from '../../../test/support/databases.ts';
import { list } from './answers.ts';
import { letter } from './letter.ts';
import { openJmap, type Answer, type Client, type JmapWorld } from './server.ts';

export class WithLetter {
  jmap!: JmapWorld;
  hung!: Client;
  /** Of the letter. */
  id!: string;

  async open(): Promise<void> {
    this.jmap = await openJmap(sqliteDatabase);
    this.hung = this.jmap.as(this.jmap.world.people.hung);
    this.id = await this.hung.append(letter);
  }

  dispose(): Promise<void> {
    return this.jmap.dispose();
  }

  /** Properties of the letter. */
  async get(properties: string[] | null, more: Answer = {}): Promise<Answer> {
    return list(await this.hung.call('Email/get', { ids: [this.id], properties, ...more }))[0] ?? {};
  }

  async bytesOf(blobId: string): Promise<Buffer> {
    const url = `${this.jmap.origin}/jmap/download/${this.hung.accountId}/${blobId}/x`;
    return Buffer.from(await (await fetch(url, { headers: this.hung.headers })).arrayBuffer());
  }
}
