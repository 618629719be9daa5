import { describe, expectTypeOf, it } from 'vitest';
import type { InferOutput } from 'valibot';

import type {
  AppPasswordView,
  DirectoryEntryView,
  MailPrograms,
  OwnKey,
  Problem,
  Session,
  UnitView,
} from '../../base/api-types.ts';
import type {
  appPasswordSchema,
  entrySchema,
  mailProgramsSchema,
  ownKeySchema,
  problemSchema,
  sessionSchema,
  unitSchema,
} from './schemas.ts';

// Checked by the compiler (npm run types); running it only shows that it is there.
describe('what /api/v1 answers is what the client expects', () => {
  it('to the last property', () => {
    expectTypeOf<InferOutput<typeof sessionSchema>>().toEqualTypeOf<Session>();
    expectTypeOf<InferOutput<typeof entrySchema>>().toEqualTypeOf<DirectoryEntryView>();
    expectTypeOf<InferOutput<typeof unitSchema>>().toEqualTypeOf<UnitView>();
    expectTypeOf<InferOutput<typeof ownKeySchema>>().toEqualTypeOf<OwnKey>();
    expectTypeOf<InferOutput<typeof appPasswordSchema>>().toEqualTypeOf<AppPasswordView>();
    expectTypeOf<InferOutput<typeof mailProgramsSchema>>().toEqualTypeOf<MailPrograms>();
    expectTypeOf<InferOutput<typeof problemSchema>>().toEqualTypeOf<Problem>();
  });
});
