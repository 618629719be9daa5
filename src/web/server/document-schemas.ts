/** What the document routes give; src/base/api-types.ts is the same in types (documents.routes.test.ts holds them together). */
import * as v from 'valibot';

import { idText } from './schemas.ts';

const nullableText = v.nullable(v.string());
const direction = v.picklist(['di', 'den']);
const urgency = v.picklist(['thuong', 'khan', 'thuong_khan', 'hoa_toc']);
const fileKind = v.picklist(['draft', 'issued', 'attachment']);

export const fileSchema = v.object({
  id: v.number(),
  version: v.number(),
  kind: fileKind,
  name: v.string(),
  type: v.string(),
  size: v.number(),
  sha256: v.string(),
  createdAt: v.string(),
  createdBy: v.string(),
});
const common = {
  id: v.number(),
  direction,
  unitCode: v.string(),
  unitName: v.string(),
  identifier: v.string(),
  numberNotation: v.string(),
  typeName: v.string(),
  legalNormative: v.boolean(),
  issuerCode: v.string(),
  issuerName: v.string(),
  draftingUnitCode: nullableText,
  place: v.string(),
  issuedDate: v.string(),
  subject: v.string(),
  urgency,
  signer: v.object({ authority: nullableText, position: v.string(), fullName: v.string() }),
  pageAmount: v.nullable(v.number()),
  dueDate: nullableText,
  arrivalNumber: v.nullable(v.number()),
  arrivalDate: nullableText,
  responseFor: nullableText,
  status: v.picklist(['draft', 'issued', 'recalled']),
  externalId: nullableText,
  correspondenceCount: v.number(),
  createdAt: v.string(),
};
export const documentSchema = v.object({
  ...common,
  recipients: v.array(v.object({ code: v.string(), name: nullableText })),
  files: v.array(fileSchema),
});
export const documentRowSchema = v.object({ ...common, issuedFile: v.nullable(fileSchema) });
export const documentsSchema = v.object({ documents: v.array(documentRowSchema), nextCursor: nullableText });
export const correspondenceRowSchema = v.object({
  id: v.number(),
  at: v.string(),
  from: v.object({ name: v.string(), address: v.string() }),
  subject: v.string(),
  recipientCount: v.number(),
  recipients: v.array(v.object({ address: v.string(), name: v.exactOptional(v.string()) })),
  match: v.picklist(['same', 'different']),
  verdict: v.nullable(
    v.picklist(['whole', 'altered', 'notSender', 'unknownSigner', 'revoked', 'expired', 'partlySigned', 'unsigned']),
  ),
  receivedCount: v.number(),
  open: v.nullable(v.object({ accountId: v.string(), emailId: v.string() })),
});
export const correspondenceSchema = v.object({
  correspondence: v.array(correspondenceRowSchema),
  nextCursor: nullableText,
});
export const registerSchema = v.object({
  unitCode: v.string(),
  unitName: v.string(),
  direction,
  year: v.number(),
  name: v.string(),
  documentCount: v.number(),
});
export const registersSchema = v.object({ registers: v.array(registerSchema) });

const cursor = v.optional(v.pipe(v.string(), v.maxLength(60)));
const limit = v.optional(v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number), v.minValue(1), v.maxValue(200)));
export const searchQuery = v.object({
  q: v.optional(v.pipe(v.string(), v.maxLength(200))),
  direction: v.optional(direction),
  unit: v.optional(v.pipe(v.string(), v.maxLength(35))),
  year: v.optional(v.pipe(v.string(), v.regex(/^\d{4}$/), v.transform(Number))),
  cursor,
  limit,
});
export const pageQuery = v.object({ cursor, limit });
export const fileQuery = v.object({
  kind: v.optional(fileKind, 'attachment'),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
});
export const documentParam = v.object({ id: idText });
export const fileParam = v.object({ id: idText, fileId: idText });

export const newWebhookSchema = v.object({ id: v.number(), secret: v.string() });
export const webhooksSchema = v.object({
  webhooks: v.array(v.object({ id: v.number(), url: v.string(), events: v.array(v.string()), active: v.boolean() })),
});
