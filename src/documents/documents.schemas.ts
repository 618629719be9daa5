/** What may be registered; lengths are those of NĐ 30/2020 PL VI (S500 is 500 characters), codes 35 (QĐ 20/2020). */
import * as v from 'valibot';

const text = (max: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.normalize('NFC'),
    v.minLength(1),
    v.maxLength(max),
    v.check((s) => !/\p{Cc}/u.test(s), 'no control characters'),
  );
const optionalText = (max: number) => v.nullish(text(max));
const unitCode = v.pipe(
  v.string(),
  v.regex(/^(?=.{3,35}$)([A-Z]\d{2}(?:\.[0-9A-Z]{1,10})*|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})$/),
);
const date = v.pipe(
  v.string(),
  v.isoDate(),
  v.check((s) => new Date(`${s}T00:00:00Z`).toISOString().startsWith(s), 'no such day'),
);

export const documentInputSchema = v.object({
  unitCode,
  direction: v.picklist(['di', 'den']),
  numberNotation: v.optional(text(60)),
  codeNotation: v.optional(text(30)),
  typeName: text(100),
  legalNormative: v.optional(v.boolean()),
  issuerCode: unitCode,
  issuerName: v.optional(text(200)),
  draftingUnitCode: v.nullish(unitCode),
  place: v.optional(text(100)),
  issuedDate: date,
  subject: text(500),
  urgency: v.optional(v.picklist(['thuong', 'khan', 'thuong_khan', 'hoa_toc'])),
  secrecy: v.optional(v.string()),
  signer: v.object({ authority: optionalText(100), position: text(100), fullName: text(50) }),
  recipientCodes: v.optional(v.pipe(v.array(unitCode), v.maxLength(5000))),
  pageAmount: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99_999))),
  dueDate: v.nullish(date),
  arrivalNumber: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9_999_999_999))),
  arrivalDate: v.nullish(date),
  responseFor: optionalText(200),
  externalId: optionalText(200),
});

export const webhookInputSchema = v.object({
  url: v.pipe(
    v.string(),
    v.maxLength(2000),
    v.url(),
    v.check(
      (s) => /^https?:$/.test(new URL(s).protocol) && new URL(s).username === '' && new URL(s).password === '',
      'http or https, without a user name',
    ),
  ),
  events: v.pipe(v.array(v.picklist(['document.sent', 'document.received', 'document.different'])), v.minLength(1)),
});
export type WebhookEvent = v.InferOutput<typeof webhookInputSchema>['events'][number];
