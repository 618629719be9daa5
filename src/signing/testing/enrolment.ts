/** An official about to enrol a key, as the browser makes it, and the key of somebody else. */
import type { PrivateKey } from 'openpgp';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Official } from '../../directory/types.ts';
import { leastCost, makeKey } from '../../web/client/features/signing/keys.ts';
import type { MadeKey } from '../../web/client/features/signing/protocol.ts';
import type { EnrolInput } from '../enrol-check.ts';
import { openSigning, passphrase, type TestSigning } from './setup.ts';

export interface Enrolment {
  t: TestSigning;
  official: Official;
  made: MadeKey;
  /** `made`, unlocked. */
  key: PrivateKey;
  foreign: MadeKey;
  /** `foreign`, unlocked. */
  other: PrivateKey;
  /** What the check is asked; fit unless `more` spoils it. */
  input(more?: Partial<EnrolInput>): EnrolInput;
}

export async function openEnrolment(): Promise<Enrolment> {
  const t = await openSigning(sqliteDatabase);
  const official = await t.official('Nguyễn Văn Hùng');
  const keyOf = ({ fullName, address }: Pick<Official, 'fullName' | 'address'>) =>
    makeKey({ fullName, address, passphrase, at: t.clock.now() }, leastCost);
  const { made, unlocked: key } = await keyOf(official);
  const { made: foreign, unlocked: other } = await keyOf({ fullName: 'Người Khác', address: 'khac@caoson.gov.vn' });
  return {
    ...{ t, official, made, key, foreign, other },
    input: (more = {}) => ({
      ...made,
      fullName: official.fullName,
      address: official.address,
      now: t.clock.now(),
      ...more,
    }),
  };
}
