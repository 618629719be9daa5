import { describe, expect, it } from 'vitest';

import type { AccountId, MailboxId, ModSeq } from '../../base/ids.ts';
import type { AccessibleAccount } from '../../directory/types.ts';
import type { Mailbox, MailboxRole } from '../../mailstore/types.ts';
import { canonical, namesOf, sharedNames } from './tree.ts';

const account = (id: number, name: string): AccessibleAccount => ({
  accountId: id as AccountId,
  kind: 'unit',
  name,
  addresses: [`u${id}@caoson.gov.vn`],
  canSend: false,
});
const box = (id: number, name: string, parent: number | null = null, role: MailboxRole | null = null): Mailbox => ({
  id: id as MailboxId,
  parentId: parent as MailboxId | null,
  name,
  role,
  sortOrder: role ? id : 0,
  isSubscribed: false,
  uidValidity: 1,
  uidNext: 1,
  recentUid: 1,
  totalEmails: 0,
  unreadEmails: 0,
  totalBytes: 0,
  highestModseq: 0 as ModSeq,
});

describe('the tree of names', () => {
  it('gives every account one level of its own, whatever its name holds', () => {
    const names = sharedNames([
      account(1, 'Sở Y tế'),
      account(2, 'Sở Y tế'.normalize('NFD')),
      account(3, 'A/B*\u0001'),
      account(4, ''),
    ]);
    expect([...names.values()]).toEqual(['Sở Y tế', 'Sở Y tế (u2@caoson.gov.vn)', 'A∕B', '-']);
  });

  it('puts the own inbox first as INBOX and keeps the inbox name of units', () => {
    const mailboxes = [
      box(3, 'Việc', 1),
      box(2, 'Thư nháp', null, 'drafts'),
      box(1, 'Hộp thư đến', null, 'inbox'),
      box(9, 'Ảnh'),
      box(8, 'Báo'),
    ];
    const names = namesOf([
      { accountId: 1 as AccountId, prefix: '', mailboxes },
      { accountId: 2 as AccountId, prefix: 'Hộp thư đơn vị/SYT/', mailboxes: [box(1, 'Hộp thư đến', null, 'inbox')] },
    ]);
    expect(names.map((m) => m.name)).toEqual([
      'INBOX',
      'Thư nháp',
      'Ảnh',
      'Báo',
      'INBOX/Việc',
      'Hộp thư đơn vị',
      'Hộp thư đơn vị/SYT',
      'Hộp thư đơn vị/SYT/Hộp thư đến',
    ]);
    expect(names.filter((m) => m.role).map((m) => m.name)).toEqual(['INBOX', 'Thư nháp']);
    expect(names.filter((m) => m.hasChildren).map((m) => m.name)).toEqual([
      'INBOX',
      'Hộp thư đơn vị',
      'Hộp thư đơn vị/SYT',
    ]);
  });

  it.each([
    ['inbox', 'INBOX'],
    ['iNbOx/a', 'INBOX/a'],
    ['inboxes', 'inboxes'],
    ['Hồ sơ'.normalize('NFD'), 'Hồ sơ'],
  ])('%s is %s', (name, expected) => expect(canonical(name)).toBe(expected));
});
