/** Which response code a refusal bears (RFC 5530 §3, RFC 9051 §7.1). */
import { describe, expect, it } from 'vitest';

import { DomainError } from '../base/errors.ts';
import { bad, endsAll, Farewell, fromDomain, Gone, isBad, no, TimedOut, Torn } from './errors.ts';

describe('a refusal of the domain', () => {
  it.each<[DomainError['kind'], string, string]>([
    ['overLimit', 'mail.over_quota', 'OVERQUOTA'],
    ['conflict', 'mail.mailbox_exists', 'ALREADYEXISTS'],
    ['notFound', 'mail.mailbox_not_found', 'NONEXISTENT'],
    ['invalid', 'mail.mailbox_parent_missing', 'NONEXISTENT'],
    ['invalid', 'mail.mailbox_name_invalid', 'CANNOT'],
    ['forbidden', 'mail.mailbox_has_role', 'CANNOT'],
    ['invalid', 'mail.mailbox_loop', 'CANNOT'],
    ['conflict', 'mail.mailbox_role_taken', 'USEATTR'],
    ['overLimit', 'mail.mailbox_too_deep', 'LIMIT'],
    ['conflict', 'mail.mailbox_has_child', 'HASCHILDREN'],
    ['overLimit', 'mail.too_many_mailboxes', 'LIMIT'],
    ['overLimit', 'mail.too_many_keywords', 'LIMIT'],
    ['invalid', 'mail.keyword_invalid', 'CANNOT'],
    ['unauthenticated', 'sign_in.wrong', 'AUTHENTICATIONFAILED'],
    // Whether a password was right is not told: such an account is not open now.
    ['forbidden', 'sign_in.locked', 'UNAVAILABLE'],
    ['overLimit', 'sign_in.rate_limited', 'UNAVAILABLE'],
    ['forbidden', 'sign_in.disabled', 'CONTACTADMIN'],
    ['unauthenticated', 'sign_in.token_invalid', 'AUTHENTICATIONFAILED'],
    ['forbidden', 'sign_in.token_scope', 'AUTHENTICATIONFAILED'],
    // Of others their kind says it.
    ['invalid', 'other.one', 'CANNOT'],
    ['unauthenticated', 'other.one', 'AUTHENTICATIONFAILED'],
    ['forbidden', 'other.one', 'NOPERM'],
    ['notFound', 'other.one', 'NONEXISTENT'],
    ['conflict', 'other.one', 'INUSE'],
    ['tooLarge', 'other.one', 'TOOBIG'],
    ['overLimit', 'other.one', 'LIMIT'],
    ['unavailable', 'other.one', 'UNAVAILABLE'],
  ])('%s %s is NO [%s]', (kind, code, expected) => {
    expect(fromDomain(new DomainError(kind, code, 'why'))).toMatchObject({
      status: 'NO',
      responseCode: expected,
      message: 'why',
    });
  });
});

describe('what ends a connection', () => {
  it.each([
    ['a farewell', new Farewell('x'), true],
    ['a client that is gone', new Gone('x'), true],
    ['one that says nothing', new TimedOut('x'), true],
    ['an answer that broke off', new Torn('x'), true],
    ['NO', no('x'), false],
    ['BAD', bad('x'), false],
    ['a fault of ours', new Error('x'), false],
    ['a refusal of the domain', new DomainError('invalid', 'a.b', 'x'), false],
  ])('%s: %s', (_, error, expected) => expect(endsAll(error)).toBe(expected));

  it('BAD is told from NO and from everything else', () => {
    expect([bad('x'), no('x'), new Error('x'), 'x'].map(isBad)).toEqual([true, false, false, false]);
  });
});
