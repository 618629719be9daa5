/**
 * JSON that is read a row at a time and never looked into by the database. What is usual is written short (short-json.ts), what
 * is long is deflated with a dictionary of its own words, a third of its size. The first octet says which of the two it is: 1, with
 * the dictionary of that number, which is never edited (a better one gets the next free number); 2 short.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import { officeWords } from '../blobs/dictionary.ts';
import { readMembers, readShortJson } from './short-json-reader.ts';
import { shortJson } from './short-json.ts';

/** The most telling last, as deflate likes it. */
const skeleton = [
  '"defects":["bare-lf"]},"defects":["no-closing-boundary"]},"location":","language":["vi"],"md5":"',
  '"type":"message","subtype":"rfc822","params":{},"encoding":"7bit","lines":,"message":{"root":{"path":"',
  '"type":"application","subtype":"vnd.openxmlformats-officedocument.wordprocessingml.document","params":{"name":".docx"}',
  '"type":"application","subtype":"pkcs7-signature","params":{"name":"smime.p7s","protocol":"application/pgp-signature","micalg":"pgp-sha256"',
  '"type":"image","subtype":"png","params":{"name":"image001.png"},"disposition":"inline","dispositionParams":{"filename":"image001.png"},"filename":"image001.png","contentId":"image001.png@',
  '"type":"application","subtype":"pdf","params":{"name":"Công văn .pdf"},"disposition":"attachment","dispositionParams":{"filename":".pdf"},"filename":".pdf","encoding":"base64","lines":',
  '"attachments":[{"part":"2","contentHash":"","name":".pdf","type":"application/pdf","size":,"document":"',
  '{"version":1,"size":,"summary":{"messageId":["@.gov.vn"],"inReplyTo":["@gmail.com"],"references":[],"from":[{"name":"Nguyễn Văn ","email":"@.gov.vn"}],"sender":[],"replyTo":[],',
  '"to":[{"name":null,"email":"@.gov.vn"},{"name":"Trần Thị ","email":"@.gov.vn"}],"cc":[],"bcc":[],"subject":"Re: V/v ","sentAt":17,"sentZone":420},',
  '"root":{"path":"","headerStart":0,"bodyStart":,"bodyEnd":,"type":"multipart","subtype":"mixed","params":{"boundary":"----=_"},"encoding":"7bit","lines":,"parts":[{"path":"1","headerStart":',
  ',"bodyStart":,"bodyEnd":,"type":"multipart","subtype":"alternative","params":{"boundary":"--="},"encoding":"7bit","lines":,"parts":[{"path":"1.1","headerStart":',
  ',"bodyStart":,"bodyEnd":,"type":"text","subtype":"plain","params":{"charset":"utf-8"},"encoding":"quoted-printable","lines":},{"path":"2","headerStart":',
  ',"bodyStart":,"bodyEnd":,"type":"text","subtype":"html","params":{"charset":"utf-8"},"encoding":"base64","lines":}]},',
  '"preview":"Kính gửi: ","hasAttachment":false,"attachments":[],"baseSubject":"v/v ',
].join('');

/** By number. */
export const jsonDictionaries: readonly (Buffer | undefined)[] = [
  undefined,
  Buffer.concat([officeWords, Buffer.from(skeleton)]),
];
const DICTIONARY = 1;
const SHORT = 2;
/** Octets of a short form. A message in twenty has more: a long list of recipients, many parts. */
const LONG = 2048;

export function packJson(value: unknown): Buffer {
  const short = shortJson(value, [SHORT]);
  if (short.length <= LONG) return short;
  const text = Buffer.from(JSON.stringify(value));
  const packed = deflateRawSync(text, { level: 3, dictionary: jsonDictionaries[DICTIONARY] });
  return Buffer.concat([Buffer.of(DICTIONARY), packed]);
}

const octetsOf = (stored: Uint8Array): Buffer => Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);

export function unpackJson(stored: Uint8Array): unknown {
  if (stored[0] === SHORT) return readShortJson(octetsOf(stored), 1);
  const dictionary = jsonDictionaries[stored[0] ?? 0];
  if (!dictionary) throw new Error('the dictionary of a stored value is unknown');
  return JSON.parse(inflateRawSync(stored.subarray(1), { dictionary }).toString()) as unknown;
}

/** Of the object that stands under the name `member`, the members that are wanted; of what is short, nothing else is decoded. */
export function unpackMembers(stored: Uint8Array, member: string, wanted: readonly string[]): Record<string, unknown> {
  if (stored[0] === SHORT) return readMembers(octetsOf(stored), 1, member, wanted);
  const whole: unknown = unpackJson(stored);
  const inner: unknown = isObject(whole) ? whole[member] : undefined;
  return isObject(inner) ? Object.fromEntries(Object.entries(inner).filter(([name]) => wanted.includes(name))) : {};
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
