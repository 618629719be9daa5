/** multipart/signed (RFC 1847, RFC 3156 §5) whose signed part repeats the header fields that it vouches for (RFC 9788). */
import { buildMessage, defaultBuildLimits, multipart, writeEntity, writeHeader, type BuildLimits } from './build.ts';
import { concat, CRLF, utf8 } from './encode.ts';
import { withParameters } from './header.ts';
import type { BuiltMessage, HeaderLine, OutgoingMessage } from './types.ts';

/** Makes a detached signature over exactly these octets. */
export type DetachedSign = (payload: Uint8Array) => Promise<{ armored: string; /** "pgp-sha512" */ micalg: string }>;

/** RFC 9788 §2.2: everything that a reader sees or that binds the message to its conversation. */
const protectedFields = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
]);

export async function signedMessage(
  message: OutgoingMessage,
  sign: DetachedSign,
  limits: BuildLimits = defaultBuildLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const built = buildMessage(message, limits);
  const payload = signedPayload(built);
  const { armored, micalg } = await sign(payload);
  const outer = multipart(
    'signed',
    [],
    [
      ['micalg', micalg],
      ['protocol', 'application/pgp-signature'],
    ],
  );
  const boundary = outer.body.kind === 'multipart' ? outer.body.boundary : '';
  const signature = [
    writeHeader([
      withParameters('Content-Type', 'application/pgp-signature', [['name', 'signature.asc']]),
      { name: 'Content-Description', value: 'OpenPGP digital signature' },
      withParameters('Content-Disposition', 'attachment', [['filename', 'signature.asc']]),
    ]),
    armored.replace(/\r\n?|\n/g, CRLF).trimEnd(),
  ].join(CRLF);
  return concat([
    utf8(`${writeHeader([...built.header, ...outer.header])}${CRLF}--${boundary}${CRLF}`),
    payload,
    // RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary, not to what was signed.
    utf8(`${CRLF}--${boundary}${CRLF}${signature}${CRLF}--${boundary}--${CRLF}`),
  ]);
}

/** The exact octets to be signed. */
export function signedPayload(built: BuiltMessage): Uint8Array<ArrayBuffer> {
  const copies = built.header.filter(({ name }) => protectedFields.has(name.toLowerCase()));
  return writeEntity({ header: [...copies, ...built.body.header.map(markProtected)], body: built.body.body });
}

/** RFC 9788 §2.1.1: hp="clear" says that these copies protect fields that are also in the clear. */
function markProtected(field: HeaderLine): HeaderLine {
  if (field.name.toLowerCase() !== 'content-type') return field;
  return { name: field.name, value: `${field.value};${CRLF} hp="clear"` };
}
