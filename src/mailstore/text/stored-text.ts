/**
 * What of a message is searched, as it is kept: header lines, file names, body, deflated with the dictionary of stored mail.
 * The first octet is the dictionary's number.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import { DICTIONARY, dictionaries } from '../../blobs/dictionary.ts';
import type { SearchText } from '../../message/search-text.ts';

/** No text has it: `clean` takes it out. */
const BETWEEN = '\0';

export function packText({ header, files, body }: SearchText): Uint8Array {
  const text = [header.join('\n'), files, body].join(BETWEEN);
  const deflated = deflateRawSync(text, { level: 4, dictionary: dictionaries[DICTIONARY] });
  return Buffer.concat([Buffer.of(DICTIONARY), deflated]);
}

/** @throws when the octets are damaged; repair makes them anew */
export function unpackText(stored: Uint8Array): SearchText {
  const dictionary = dictionaries[stored[0] ?? 0];
  const [header = '', files = '', body = ''] = inflateRawSync(stored.subarray(1), { dictionary })
    .toString()
    .split(BETWEEN);
  return { header: header.split('\n'), files, body };
}
