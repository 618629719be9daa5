/** ENVELOPE, BODY and BODYSTRUCTURE (RFC 9051 §7.5.2 and §9), read strictly. */
import { Reader } from './grammar-reader.ts';

const number = (r: Reader): number => Number(r.match(/\d+/y, 'a number'));
const space = (r: Reader): void => r.expect(' ');

/** "(" env-date SP env-subject SP env-from … SP env-message-id ")" */
export function expectEnvelope(r: Reader): void {
  r.expect('(');
  r.nstring();
  space(r);
  r.nstring();
  for (let i = 0; i < 6; i++) {
    space(r);
    addresses(r);
  }
  space(r);
  r.nstring();
  space(r);
  r.nstring();
  r.expect(')');
}

/** "(" 1*address ")" / nil; a group begins with (NIL NIL name NIL) and ends with four NILs. */
function addresses(r: Reader): void {
  if (r.take('NIL')) return;
  let group = false;
  r.pack((one) => {
    one.expect('(');
    const name = one.nstring();
    space(one);
    one.nstring();
    space(one);
    const local = one.nstring();
    space(one);
    const host = one.nstring();
    one.expect(')');
    if (host !== null) {
      if (local === null) one.fail('a mailbox name before a host');
      return;
    }
    if (name !== null || group !== (local === null)) one.fail('groups that begin and end in turn');
    group = local !== null;
  });
  if (group) r.fail('the end of the group');
}

export function expectBodyStructure(r: Reader, extended: boolean): void {
  r.expect('(');
  if (r.ahead('(')) multipart(r, extended);
  else single(r, extended);
  r.expect(')');
}

function multipart(r: Reader, extended: boolean): void {
  do expectBodyStructure(r, extended);
  while (r.ahead('('));
  space(r);
  r.string();
  if (!extended) return;
  space(r);
  parameters(r);
  extensions(r);
}

function single(r: Reader, extended: boolean): void {
  const type = r.string().toUpperCase();
  space(r);
  const subtype = r.string().toUpperCase();
  if (type === 'MULTIPART') r.fail('parts of a multipart');
  space(r);
  parameters(r);
  for (let i = 0; i < 2; i++) {
    space(r);
    r.nstring();
  }
  space(r);
  // body-fld-enc is a string, never NIL.
  if (r.string() === '') r.fail('a transfer encoding');
  space(r);
  number(r);
  if (type === 'MESSAGE' && (subtype === 'RFC822' || subtype === 'GLOBAL')) {
    space(r);
    expectEnvelope(r);
    space(r);
    expectBodyStructure(r, extended);
    space(r);
    number(r);
  } else if (type === 'TEXT') {
    space(r);
    number(r);
  }
  if (!extended) return;
  space(r);
  r.nstring();
  extensions(r);
}

/** SP body-fld-dsp SP body-fld-lang SP body-fld-loc */
function extensions(r: Reader): void {
  space(r);
  if (!r.take('NIL')) {
    r.expect('(');
    r.string();
    space(r);
    parameters(r);
    r.expect(')');
  }
  space(r);
  if (r.ahead('(')) r.list((one) => void one.string());
  else r.nstring();
  space(r);
  r.nstring();
}

function parameters(r: Reader): void {
  if (r.take('NIL')) return;
  r.list((one) => {
    if (one.string() === '') one.fail('the name of a parameter');
    space(one);
    one.string();
  });
}

/** As it stands in the store: ASCII only. @throws Error */
export function expectImapForms(envelope: string, structure: string, body: string): void {
  for (const [text, rule] of [
    [envelope, expectEnvelope],
    [structure, (r: Reader) => expectBodyStructure(r, true)],
    [body, (r: Reader) => expectBodyStructure(r, false)],
  ] as const) {
    const r = new Reader(text, false);
    if (!/^[\x20-\x7e]*$/.test(text)) r.fail('printable ASCII');
    rule(r);
    r.end();
  }
}
