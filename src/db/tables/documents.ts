/** Registers, documents, files, correspondence, webhooks. Field names follow NĐ 30/2020 PL VI where it names them. */
import type { AccountId, BlobHash, DocumentId, EmailId, UnitId } from '../../base/ids.ts';
import type { Kit } from '../kit.ts';

export const documentTables = (k: Kit) => ({
  registers: k.table(
    'registers',
    {
      id: k.id('id'),
      unitId: k.int('unit_id').$type<UnitId>().notNull(),
      direction: k.text('direction').$type<'di' | 'den'>().notNull(),
      year: k.int('year').notNull(),
      name: k.text('name').notNull(),
      /** The next arrival number or document number; gapless within the year. */
      nextNumber: k.int('next_number').notNull(),
    },
    (t) => [k.uniqueIndex('registers_unit').on(t.unitId, t.direction, t.year)],
  ),
  documents: k.table(
    'documents',
    {
      id: k.id('id').$type<DocumentId>(),
      registerId: k.int('register_id').notNull(),
      unitId: k.int('unit_id').$type<UnitId>().notNull(),
      direction: k.text('direction').$type<'di' | 'den'>().notNull(),
      /** "OrganId,yyyy/MM/dd,số/ký hiệu" (edXML DocumentId). */
      identifier: k.text('identifier').notNull(),
      codeNumber: k.text('code_number').notNull(),
      yearInNumber: k.int('year_in_number'),
      codeNotation: k.text('code_notation').notNull(),
      /** As printed: 12/2026/QĐ-UBND. */
      numberNotation: k.text('number_notation').notNull(),
      /** fold() of numberNotation, letters and digits only: loose matching, never shown. */
      numberKey: k.text('number_key').notNull(),
      typeName: k.text('type_name').notNull(),
      typeAbbr: k.text('type_abbr'),
      legalNormative: k.bool('legal_normative').notNull(),
      issuerCode: k.text('issuer_code').notNull(),
      issuerName: k.text('issuer_name').notNull(),
      draftingUnitCode: k.text('drafting_unit_code'),
      place: k.text('place').notNull(),
      /** yyyy-mm-dd, Vietnam. */
      issuedDate: k.text('issued_date').notNull(),
      /** Trích yếu. */
      subject: k.text('subject').notNull(),
      urgency: k.text('urgency').$type<'thuong' | 'khan' | 'thuong_khan' | 'hoa_toc'>().notNull(),
      signerAuthority: k.text('signer_authority'),
      signerPosition: k.text('signer_position').notNull(),
      signerName: k.text('signer_name').notNull(),
      pageAmount: k.int('page_amount'),
      dueDate: k.text('due_date'),
      arrivalNumber: k.int('arrival_number'),
      arrivalDate: k.text('arrival_date'),
      responseFor: k.text('response_for'),
      status: k.text('status').$type<'draft' | 'issued' | 'recalled'>().notNull(),
      apiKeyId: k.int('api_key_id'),
      /** The eOffice system's own key of the record. */
      externalId: k.text('external_id'),
      createdAt: k.int('created_at').notNull(),
      createdBy: k.text('created_by').notNull(),
      updatedAt: k.int('updated_at').notNull(),
    },
    (t) => [
      k.uniqueIndex('documents_identifier').on(t.registerId, t.identifier),
      k.index('documents_unit').on(t.unitId, t.direction, t.issuedDate),
      k.index('documents_number').on(t.numberKey),
      k.index('documents_identifier_all').on(t.identifier),
      k.index('documents_external').on(t.apiKeyId, t.externalId),
    ],
  ),
  /** Nơi nhận: the units that a document is addressed to. */
  documentRecipients: k.table(
    'document_recipients',
    {
      documentId: k.int('document_id').$type<DocumentId>().notNull(),
      code: k.text('code').notNull(),
      position: k.int('position').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.documentId, t.code] }), k.index('document_recipients_code').on(t.code)],
  ),
  documentFiles: k.table(
    'document_files',
    {
      id: k.id('id'),
      documentId: k.int('document_id').$type<DocumentId>().notNull(),
      version: k.int('version').notNull(),
      kind: k.text('kind').$type<'draft' | 'issued' | 'attachment'>().notNull(),
      name: k.text('name').notNull(),
      type: k.text('type').notNull(),
      size: k.int('size').notNull(),
      hash: k.text('hash').$type<BlobHash>().notNull(),
      createdAt: k.int('created_at').notNull(),
      createdBy: k.text('created_by').notNull(),
    },
    (t) => [
      k.uniqueIndex('document_files_version').on(t.documentId, t.version),
      k.index('document_files_hash').on(t.hash),
    ],
  ),
  /** One row per (document, message): the message that carried it, seen from the province. */
  documentLinks: k.table(
    'document_links',
    {
      id: k.id('id'),
      documentId: k.int('document_id').$type<DocumentId>().notNull(),
      messageHash: k.text('message_hash').$type<BlobHash>().notNull(),
      part: k.text('part').notNull(),
      fileId: k.int('file_id'),
      contentHash: k.text('content_hash').$type<BlobHash>().notNull(),
      /** same: byte for byte a registered file; different: claims the document, but its bytes differ. */
      match: k.text('match').$type<'same' | 'different'>().notNull(),
      at: k.int('at').notNull(),
      messageId: k.text('message_id'),
      fromAddress: k.text('from_address').notNull(),
      fromName: k.text('from_name').notNull(),
      subject: k.text('subject').notNull(),
      recipientCount: k.int('recipient_count').notNull(),
      recipients: k.json<{ address: string; name?: string }[]>('recipients').notNull(),
    },
    (t) => [
      k.uniqueIndex('document_links_message').on(t.documentId, t.messageHash, t.part),
      k.index('document_links_by_message').on(t.messageHash),
    ],
  ),
  /** In which of our accounts the message lies: sent from, received by. */
  documentDeliveries: k.table(
    'document_deliveries',
    {
      linkId: k.int('link_id').notNull(),
      accountId: k.int('account_id').$type<AccountId>().notNull(),
      emailId: k.int('email_id').$type<EmailId>().notNull(),
      role: k.text('role').$type<'sent' | 'received'>().notNull(),
      at: k.int('at').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.linkId, t.accountId, t.role] }),
      k.index('document_deliveries_account').on(t.accountId, t.emailId),
    ],
  ),
  webhooks: k.table(
    'webhooks',
    {
      id: k.id('id'),
      apiKeyId: k.int('api_key_id').notNull(),
      url: k.text('url').notNull(),
      events: k.json<string[]>('events').notNull(),
      sealedSecret: k.blob('sealed_secret').notNull(),
      active: k.bool('active').notNull(),
      createdAt: k.int('created_at').notNull(),
    },
    (t) => [k.index('webhooks_key').on(t.apiKeyId)],
  ),
  webhookEvents: k.table(
    'webhook_events',
    {
      id: k.id('id'),
      webhookId: k.int('webhook_id').notNull(),
      event: k.text('event').notNull(),
      documentId: k.int('document_id').$type<DocumentId>().notNull(),
      payload: k.json<unknown>('payload').notNull(),
      state: k.text('state').$type<'waiting' | 'delivered' | 'failed'>().notNull(),
      attempts: k.int('attempts').notNull(),
      lastStatus: k.text('last_status'),
      createdAt: k.int('created_at').notNull(),
      doneAt: k.int('done_at'),
    },
    (t) => [
      k.index('webhook_events_hook').on(t.webhookId, t.createdAt),
      k.index('webhook_events_document').on(t.documentId),
    ],
  ),
});
