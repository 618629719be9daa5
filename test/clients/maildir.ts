/** Letters of these tests, and what programs keep of them in a Maildir. */
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

export const encoded = (subject: string): string => `=?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`;

export const letter = (subject: string, body = 'Kính gửi các đồng chí.'): string =>
  [
    'From: Van thu <vanthu@caoson.gov.vn>',
    'To: Cán bộ <ai@caoson.gov.vn>',
    `Subject: ${encoded(subject)}`,
    'Date: Mon, 12 Jan 2026 08:00:00 +0700',
    `Message-ID: <${Buffer.from(subject).toString('hex')}@caoson.gov.vn>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    body,
    '',
  ].join('\r\n');

/** Every message file of a Maildir, by name. */
export async function maildir(path: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const sub of ['cur', 'new'])
    for (const name of await readdir(join(path, sub))) files.set(join(path, sub, name), '');
  for (const name of files.keys()) files.set(name, await readFile(name, 'utf8'));
  return files;
}

export async function fileOf(path: string, subject: string): Promise<string> {
  for (const [name, text] of await maildir(path)) if (text.includes(encoded(subject))) return name;
  throw new Error(`no ${subject} in ${path}`);
}
/** Gives a message of a Maildir these flags. */
export async function reflag(path: string, subject: string, flags: string): Promise<void> {
  const name = await fileOf(path, subject);
  const base = name.replace(/\/(new|cur)\//, '/cur/').replace(/:2,.*$/, '');
  await rename(name, `${base}:2,${flags}`);
}
