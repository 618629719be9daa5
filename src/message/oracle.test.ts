/** Two other readers of mail as oracles: where both say the same, so do we, save for what is named here with its reason. */
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';

import { deriveMessage, messageText } from './derive.ts';
import { oddMessages } from './testing/collection.ts';

interface Reading {
  subject: string;
  from: string;
  text: string;
  files: number;
}

const plain = (text: string | undefined): string =>
  (text ?? '')
    .normalize('NFC')
    .replace(/[\s\u0000-\u001f\u200b]+/g, ' ')
    .trim();

async function byMailparser(bytes: Uint8Array): Promise<Reading> {
  const mail = await simpleParser(Buffer.from(bytes), { skipImageLinks: true, skipTextToHtml: true });
  return {
    subject: plain(mail.subject),
    from: plain(mail.from?.value[0]?.address),
    text: plain(mail.text),
    files: mail.attachments.length,
  };
}

async function byPostalMime(bytes: Uint8Array): Promise<Reading> {
  const mail = await new PostalMime({ forceRfc822Attachments: true }).parse(Buffer.from(bytes));
  return {
    subject: plain(mail.subject),
    from: plain(mail.from?.address),
    text: plain(mail.text),
    files: mail.attachments.length,
  };
}

function byUs(bytes: Uint8Array): Reading {
  const derived = deriveMessage(bytes);
  return {
    subject: plain(derived.summary.subject),
    from: plain(derived.summary.from[0]?.email),
    text: plain(messageText(bytes, derived.root)),
    files: derived.attachments.length,
  };
}

const signature = { files: 'a detached signature is no file' };
/** Where we differ from both on purpose. */
const DELIBERATE: Record<string, Partial<Record<keyof Reading, string>>> = {
  'tcvn3-called-latin1': { text: 'we recognise the charset' },
  'viscii-called-windows-1252': { text: 'we recognise the charset' },
  'raw-latin1-header': { subject: 'what is not UTF-8 is read as windows-1252' },
  'boundary-never-comes': { text: 'the text is shown rather than lost' },
  'boundary-parameter-missing': { text: 'the text is shown rather than lost' },
  'inline-images': { text: 'they make no text of HTML' },
  'photos-in-text': { files: 'RFC 8621 §4.1.4: the picture is part of the text' },
  'list-footer-around-signed': signature,
  'pgp-mime-protected': signature,
  'smime-signed': signature,
  'two-signatures': signature,
  'no-header-at-all': { text: 'the first line is text too' },
  'nul-octets': { subject: 'U+0000 is dropped', text: 'U+0000 becomes U+FFFD' },
  'bare-cr': { from: 'CR alone ends no line' },
  'no-blank-line-before-boundary': { text: 'a part that begins with text has no header' },
  'junk-addresses': { from: 'a word without @ is a local user' },
  'text-parts-as-files': {
    text: 'RFC 8621 §4.1.4: a named text part is a file',
    files: 'RFC 8621 §4.1.4: a named text part is a file',
  },
  'utf16-body': { text: 'the byte order mark counts' },
  'control-characters-in-subject': { subject: 'bidirectional overrides are dropped' },
};

describe('compared with mailparser and postal-mime', () => {
  it.each(oddMessages().map(({ name, bytes }) => [name, bytes] as const))('%s', async (name, bytes) => {
    const [first, second, ours] = [await byMailparser(bytes), await byPostalMime(bytes), byUs(bytes)];
    for (const what of ['subject', 'from', 'text', 'files'] as const) {
      if (first[what] !== second[what] || DELIBERATE[name.slice(3)]?.[what]) continue;
      expect.soft(ours[what], what).toBe(first[what]);
    }
  });
});
