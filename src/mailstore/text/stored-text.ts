/**
 * What of a message is searched, as it is kept: header lines, file names, body, deflated with the dictionary of stored mail.
 * The first octet is the dictionary's number.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import { DICTIONARY, dictionaries } from '../../blobs/dictionary.ts';
import type { SearchText } from '../../message/search-text.ts';

/** No text has it: `clean` takes it out. */
const BETWEEN = '\0';

/** Room that deflate takes at a time: more than most texts need costs more than some need twice. */
const CHUNK = 4096;

/** Where texts become octets; a longer one has room of its own. */
const room = Buffer.allocUnsafeSlow(96 * 1024);
/** Of a UTF-16 code, in UTF-8. */
const OCTETS = 3;

export function packText({ header, files, body }: SearchText): Uint8Array {
  const text = [header.join('\n'), files, body].join(BETWEEN);
  const octets = text.length * OCTETS > room.length ? Buffer.from(text) : room.subarray(0, room.write(text));
  const deflated = deflateRawSync(octets, { level: 3, chunkSize: CHUNK, dictionary: dictionaries[DICTIONARY] });
  return Buffer.concat([Buffer.of(DICTIONARY), deflated]);
}

/** What was kept, decoded as far as it is looked at. */
export class KeptText {
  readonly #octets: Buffer;
  readonly #files: number;
  readonly #body: number;

  constructor(octets: Buffer) {
    this.#octets = octets;
    const ends = octets.indexOf(0);
    this.#files = ends < 0 ? octets.length : ends + 1;
    const next = octets.indexOf(0, this.#files);
    this.#body = next < 0 ? octets.length : next + 1;
  }

  get header(): string[] {
    return this.#octets.toString('utf8', 0, Math.max(0, this.#files - 1)).split('\n');
  }
  get files(): string {
    return this.#octets.toString('utf8', this.#files, Math.max(this.#files, this.#body - 1));
  }
  get body(): string {
    return this.#octets.toString('utf8', this.#body);
  }
  /** Whether these octets, none of them zero, stand in the body, or in it or the names of files. */
  holds(octets: Buffer, where: 'body' | 'text'): boolean {
    return this.#octets.includes(octets, where === 'body' ? this.#body : this.#files);
  }
}

/** @throws when the octets are damaged; repair makes them anew */
export function unpackText(stored: Uint8Array): KeptText {
  const dictionary = dictionaries[stored[0] ?? 0];
  return new KeptText(inflateRawSync(stored.subarray(1), { dictionary }));
}
