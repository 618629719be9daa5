CREATE TABLE "account_keywords" (
	"account_id" bigint NOT NULL,
	"keyword" text NOT NULL,
	CONSTRAINT "account_keywords_account_id_keyword_pk" PRIMARY KEY("account_id","keyword")
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "accounts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"modseq" bigint NOT NULL,
	"changes_floor" bigint NOT NULL,
	"next_mailbox_id" bigint NOT NULL,
	"next_email_id" bigint NOT NULL,
	"next_thread_id" bigint NOT NULL,
	"next_submission_id" bigint NOT NULL,
	"quota_bytes" bigint NOT NULL,
	"used_bytes" bigint NOT NULL,
	"email_count" bigint NOT NULL,
	"last_uid_validity" bigint NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "addresses" (
	"address" text PRIMARY KEY NOT NULL,
	"account_id" bigint NOT NULL,
	"is_primary" boolean NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "api_keys_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"key_hash" text NOT NULL,
	"scopes" text NOT NULL,
	"unit_id" bigint,
	"created_at" bigint NOT NULL,
	"last_used_at" bigint,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "app_passwords" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app_passwords_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"official_id" bigint NOT NULL,
	"label" text NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" bigint NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"object" text NOT NULL,
	"details" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "blob_parts" (
	"hash" text NOT NULL,
	"content_hash" text NOT NULL,
	CONSTRAINT "blob_parts_hash_content_hash_pk" PRIMARY KEY("hash","content_hash")
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"hash" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"parts" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"data" "bytea"
);
--> statement-breakpoint
CREATE TABLE "changes" (
	"account_id" bigint NOT NULL,
	"type" text NOT NULL,
	"modseq" bigint NOT NULL,
	"object_id" bigint NOT NULL,
	"action" text NOT NULL,
	CONSTRAINT "changes_account_id_type_modseq_object_id_pk" PRIMARY KEY("account_id","type","modseq","object_id")
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"official_id" bigint PRIMARY KEY NOT NULL,
	"password_hash" text NOT NULL,
	"must_change" boolean NOT NULL,
	"changed_at" bigint NOT NULL,
	"failures" bigint NOT NULL,
	"locked_until" bigint,
	"last_sign_in_at" bigint
);
--> statement-breakpoint
CREATE TABLE "delegates" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "delegates_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"account_id" bigint NOT NULL,
	"official_id" bigint NOT NULL,
	"can_send" boolean NOT NULL,
	"valid_from" text NOT NULL,
	"valid_to" text
);
--> statement-breakpoint
CREATE TABLE "document_deliveries" (
	"link_id" bigint NOT NULL,
	"account_id" bigint NOT NULL,
	"email_id" bigint NOT NULL,
	"role" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "document_deliveries_link_id_account_id_role_pk" PRIMARY KEY("link_id","account_id","role")
);
--> statement-breakpoint
CREATE TABLE "document_files" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "document_files_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"document_id" bigint NOT NULL,
	"version" bigint NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"size" bigint NOT NULL,
	"hash" text NOT NULL,
	"created_at" bigint NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "document_links" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "document_links_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"document_id" bigint NOT NULL,
	"message_hash" text NOT NULL,
	"part" text NOT NULL,
	"file_id" bigint,
	"content_hash" text NOT NULL,
	"match" text NOT NULL,
	"at" bigint NOT NULL,
	"message_id" text,
	"from_address" text NOT NULL,
	"from_name" text NOT NULL,
	"subject" text NOT NULL,
	"recipient_count" bigint NOT NULL,
	"recipients" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "document_recipients" (
	"document_id" bigint NOT NULL,
	"code" text NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "document_recipients_document_id_code_pk" PRIMARY KEY("document_id","code")
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "documents_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"register_id" bigint NOT NULL,
	"unit_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"identifier" text NOT NULL,
	"code_number" text NOT NULL,
	"year_in_number" bigint,
	"code_notation" text NOT NULL,
	"number_notation" text NOT NULL,
	"number_key" text NOT NULL,
	"type_name" text NOT NULL,
	"type_abbr" text,
	"legal_normative" boolean NOT NULL,
	"issuer_code" text NOT NULL,
	"issuer_name" text NOT NULL,
	"drafting_unit_code" text,
	"place" text NOT NULL,
	"issued_date" text NOT NULL,
	"subject" text NOT NULL,
	"urgency" text NOT NULL,
	"signer_authority" text,
	"signer_position" text NOT NULL,
	"signer_name" text NOT NULL,
	"page_amount" bigint,
	"due_date" text,
	"arrival_number" bigint,
	"arrival_date" text,
	"response_for" text,
	"status" text NOT NULL,
	"api_key_id" bigint,
	"external_id" text,
	"created_at" bigint NOT NULL,
	"created_by" text NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "email_mailboxes" (
	"account_id" bigint NOT NULL,
	"mailbox_id" bigint NOT NULL,
	"uid" bigint NOT NULL,
	"email_id" bigint NOT NULL,
	"received_at" bigint NOT NULL,
	"saved_at" bigint NOT NULL,
	"deleted" boolean NOT NULL,
	"modseq" bigint NOT NULL,
	CONSTRAINT "email_mailboxes_account_id_mailbox_id_uid_pk" PRIMARY KEY("account_id","mailbox_id","uid")
);
--> statement-breakpoint
CREATE TABLE "emails" (
	"account_id" bigint NOT NULL,
	"id" bigint NOT NULL,
	"blob_hash" text NOT NULL,
	"thread_id" bigint NOT NULL,
	"size" bigint NOT NULL,
	"received_at" bigint NOT NULL,
	"flags" bigint NOT NULL,
	"keywords" text NOT NULL,
	"created_modseq" bigint NOT NULL,
	"modseq" bigint NOT NULL,
	"search_id" bigint NOT NULL,
	CONSTRAINT "emails_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "expunged" (
	"account_id" bigint NOT NULL,
	"mailbox_id" bigint NOT NULL,
	"uid" bigint NOT NULL,
	"modseq" bigint NOT NULL,
	CONSTRAINT "expunged_account_id_mailbox_id_uid_pk" PRIMARY KEY("account_id","mailbox_id","uid")
);
--> statement-breakpoint
CREATE TABLE "facts" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"official_id" bigint NOT NULL,
	"role" text NOT NULL,
	"unit_id" bigint NOT NULL,
	CONSTRAINT "grants_official_id_role_unit_id_pk" PRIMARY KEY("official_id","role","unit_id")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "jobs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"queue" text NOT NULL,
	"unique_key" text,
	"payload" text NOT NULL,
	"state" text NOT NULL,
	"run_at" bigint NOT NULL,
	"attempts" bigint NOT NULL,
	"lease_until" bigint,
	"lease_token" text,
	"again_at" bigint,
	"last_error" text,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mailboxes" (
	"account_id" bigint NOT NULL,
	"id" bigint NOT NULL,
	"parent_id" bigint,
	"name" text NOT NULL,
	"role" text,
	"sort_order" bigint NOT NULL,
	"is_subscribed" boolean NOT NULL,
	"uid_validity" bigint NOT NULL,
	"uid_next" bigint NOT NULL,
	"recent_uid" bigint NOT NULL,
	"total_emails" bigint NOT NULL,
	"unread_emails" bigint NOT NULL,
	"total_bytes" bigint NOT NULL,
	"highest_modseq" bigint NOT NULL,
	CONSTRAINT "mailboxes_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "message_attachments" (
	"message_hash" text NOT NULL,
	"part" text NOT NULL,
	"content_hash" text NOT NULL,
	"name" text,
	"type" text NOT NULL,
	"size" bigint NOT NULL,
	CONSTRAINT "message_attachments_message_hash_part_pk" PRIMARY KEY("message_hash","part")
);
--> statement-breakpoint
CREATE TABLE "message_texts" (
	"hash" text PRIMARY KEY NOT NULL,
	"text" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"hash" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"derived_version" bigint NOT NULL,
	"sent_at" bigint,
	"has_attachment" boolean NOT NULL,
	"has_document" boolean NOT NULL,
	"is_signed" boolean NOT NULL,
	"verdict_at" bigint,
	"created_at" bigint NOT NULL,
	"subject" text NOT NULL,
	"sort_subject" text NOT NULL,
	"sort_from" text NOT NULL,
	"sort_to" text NOT NULL,
	"subject_text" text NOT NULL,
	"from_text" text NOT NULL,
	"to_text" text NOT NULL,
	"cc_text" text NOT NULL,
	"bcc_text" text NOT NULL,
	"message_ids" text NOT NULL,
	"verdict" text,
	"derived" "bytea" NOT NULL,
	"imap_envelope" text NOT NULL,
	"imap_body_structure" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "officials" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "officials_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"full_name" text NOT NULL,
	"family_name" text NOT NULL,
	"middle_name" text NOT NULL,
	"given_name" text NOT NULL,
	"account_id" bigint NOT NULL,
	"status" text NOT NULL,
	"external_id" text,
	"search_key" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbound_messages" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbound_messages_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"account_id" bigint,
	"return_path" text NOT NULL,
	"blob_hash" text NOT NULL,
	"size" bigint NOT NULL,
	"smtp_utf8" boolean NOT NULL,
	"env_id" text,
	"ret" text,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbound_recipients" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbound_recipients_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"outbound_id" bigint NOT NULL,
	"address" text NOT NULL,
	"domain" text NOT NULL,
	"state" text NOT NULL,
	"attempts" bigint NOT NULL,
	"next_at" bigint NOT NULL,
	"last_reply" text,
	"delivered_to" text,
	"tls" text,
	"done_at" bigint,
	"notify" text,
	"orcpt" text,
	"delay_reported" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outside_keys" (
	"address" text PRIMARY KEY NOT NULL,
	"public_key" "bytea",
	"fetched_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "posts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "posts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"official_id" bigint NOT NULL,
	"unit_id" bigint NOT NULL,
	"title" text NOT NULL,
	"role" text NOT NULL,
	"is_primary" boolean NOT NULL,
	"valid_from" text NOT NULL,
	"valid_to" text
);
--> statement-breakpoint
CREATE TABLE "registers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "registers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"unit_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"year" bigint NOT NULL,
	"name" text NOT NULL,
	"next_number" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_states" (
	"account_id" bigint PRIMARY KEY NOT NULL,
	"indexed_to" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"official_id" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"user_agent" text NOT NULL,
	"ip" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signed_messages" (
	"fingerprint" text NOT NULL,
	"message_hash" text NOT NULL,
	"signed_at" bigint NOT NULL,
	"arrived_at" bigint NOT NULL,
	CONSTRAINT "signed_messages_fingerprint_message_hash_pk" PRIMARY KEY("fingerprint","message_hash")
);
--> statement-breakpoint
CREATE TABLE "signing_key_ids" (
	"key_id" text NOT NULL,
	"fingerprint" text NOT NULL,
	CONSTRAINT "signing_key_ids_key_id_fingerprint_pk" PRIMARY KEY("key_id","fingerprint")
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"fingerprint" text PRIMARY KEY NOT NULL,
	"official_id" bigint NOT NULL,
	"address" text NOT NULL,
	"wkd_hash" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"private_key" text NOT NULL,
	"revocation" "bytea" NOT NULL,
	"state" text NOT NULL,
	"created_at" bigint NOT NULL,
	"certified_at" bigint NOT NULL,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "submissions" (
	"account_id" bigint NOT NULL,
	"id" bigint NOT NULL,
	"sent_by" bigint,
	"identity_id" text NOT NULL,
	"email_id" bigint NOT NULL,
	"thread_id" bigint NOT NULL,
	"envelope" text NOT NULL,
	"send_at" bigint NOT NULL,
	"undo_status" text NOT NULL,
	"outbound_id" bigint,
	CONSTRAINT "submissions_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "thread_refs" (
	"account_id" bigint NOT NULL,
	"ref" text NOT NULL,
	"thread_id" bigint NOT NULL,
	CONSTRAINT "thread_refs_account_id_ref_thread_id_pk" PRIMARY KEY("account_id","ref","thread_id")
);
--> statement-breakpoint
CREATE TABLE "title_mailboxes" (
	"account_id" bigint PRIMARY KEY NOT NULL,
	"unit_id" bigint NOT NULL,
	"title" text NOT NULL,
	"name" text NOT NULL,
	"search_key" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "units" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "units_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"code" text NOT NULL,
	"legacy_code" text,
	"name" text NOT NULL,
	"short_name" text NOT NULL,
	"abbreviation" text NOT NULL,
	"kind" text NOT NULL,
	"admin_tier" text NOT NULL,
	"parent_id" bigint,
	"place" text NOT NULL,
	"has_seal" boolean NOT NULL,
	"owns_registers" boolean NOT NULL,
	"account_id" bigint,
	"valid_from" text NOT NULL,
	"valid_to" text,
	"search_key" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"account_id" bigint NOT NULL,
	"hash" text NOT NULL,
	"type" text NOT NULL,
	"size" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "uploads_account_id_hash_pk" PRIMARY KEY("account_id","hash")
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "webhook_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"webhook_id" bigint NOT NULL,
	"event" text NOT NULL,
	"document_id" bigint NOT NULL,
	"payload" text NOT NULL,
	"state" text NOT NULL,
	"attempts" bigint NOT NULL,
	"last_status" text,
	"created_at" bigint NOT NULL,
	"done_at" bigint
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "webhooks_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"api_key_id" bigint NOT NULL,
	"url" text NOT NULL,
	"events" text NOT NULL,
	"sealed_secret" "bytea" NOT NULL,
	"active" boolean NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "addresses_account" ON "addresses" USING btree ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("key_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "app_passwords_hash" ON "app_passwords" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "app_passwords_official" ON "app_passwords" USING btree ("official_id");--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "blob_parts_content" ON "blob_parts" USING btree ("content_hash");--> statement-breakpoint
CREATE INDEX "delegates_account" ON "delegates" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "delegates_official" ON "delegates" USING btree ("official_id");--> statement-breakpoint
CREATE INDEX "document_deliveries_account" ON "document_deliveries" USING btree ("account_id","email_id");--> statement-breakpoint
CREATE UNIQUE INDEX "document_files_version" ON "document_files" USING btree ("document_id","version");--> statement-breakpoint
CREATE INDEX "document_files_hash" ON "document_files" USING btree ("hash");--> statement-breakpoint
CREATE UNIQUE INDEX "document_links_message" ON "document_links" USING btree ("document_id","message_hash","part");--> statement-breakpoint
CREATE INDEX "document_links_by_message" ON "document_links" USING btree ("message_hash");--> statement-breakpoint
CREATE INDEX "document_recipients_code" ON "document_recipients" USING btree ("code");--> statement-breakpoint
CREATE UNIQUE INDEX "documents_identifier" ON "documents" USING btree ("register_id","identifier");--> statement-breakpoint
CREATE INDEX "documents_unit" ON "documents" USING btree ("unit_id","direction","issued_date");--> statement-breakpoint
CREATE INDEX "documents_number" ON "documents" USING btree ("number_key");--> statement-breakpoint
CREATE INDEX "documents_identifier_all" ON "documents" USING btree ("identifier");--> statement-breakpoint
CREATE INDEX "documents_external" ON "documents" USING btree ("api_key_id","external_id");--> statement-breakpoint
CREATE UNIQUE INDEX "email_mailboxes_email" ON "email_mailboxes" USING btree ("account_id","email_id","mailbox_id");--> statement-breakpoint
CREATE INDEX "email_mailboxes_received" ON "email_mailboxes" USING btree ("account_id","mailbox_id","received_at","email_id");--> statement-breakpoint
CREATE INDEX "email_mailboxes_modseq" ON "email_mailboxes" USING btree ("account_id","mailbox_id","modseq");--> statement-breakpoint
CREATE INDEX "emails_thread" ON "emails" USING btree ("account_id","thread_id");--> statement-breakpoint
CREATE INDEX "emails_received" ON "emails" USING btree ("account_id","received_at","id");--> statement-breakpoint
CREATE INDEX "emails_blob" ON "emails" USING btree ("blob_hash","account_id");--> statement-breakpoint
CREATE INDEX "emails_search" ON "emails" USING btree ("account_id","search_id");--> statement-breakpoint
CREATE INDEX "expunged_modseq" ON "expunged" USING btree ("account_id","mailbox_id","modseq");--> statement-breakpoint
CREATE INDEX "jobs_due" ON "jobs" USING btree ("queue","state","run_at");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_unique" ON "jobs" USING btree ("queue","unique_key");--> statement-breakpoint
CREATE INDEX "message_attachments_content" ON "message_attachments" USING btree ("content_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "officials_account" ON "officials" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "officials_external" ON "officials" USING btree ("external_id");--> statement-breakpoint
CREATE INDEX "outbound_recipients_message" ON "outbound_recipients" USING btree ("outbound_id");--> statement-breakpoint
CREATE INDEX "outbound_recipients_state" ON "outbound_recipients" USING btree ("state","next_at");--> statement-breakpoint
CREATE INDEX "posts_official" ON "posts" USING btree ("official_id");--> statement-breakpoint
CREATE INDEX "posts_unit" ON "posts" USING btree ("unit_id");--> statement-breakpoint
CREATE UNIQUE INDEX "registers_unit" ON "registers" USING btree ("unit_id","direction","year");--> statement-breakpoint
CREATE INDEX "sessions_official" ON "sessions" USING btree ("official_id");--> statement-breakpoint
CREATE INDEX "signing_keys_official" ON "signing_keys" USING btree ("official_id");--> statement-breakpoint
CREATE INDEX "signing_keys_address" ON "signing_keys" USING btree ("address");--> statement-breakpoint
CREATE INDEX "signing_keys_wkd" ON "signing_keys" USING btree ("wkd_hash");--> statement-breakpoint
CREATE INDEX "submissions_email" ON "submissions" USING btree ("account_id","email_id");--> statement-breakpoint
CREATE INDEX "thread_refs_thread" ON "thread_refs" USING btree ("account_id","thread_id");--> statement-breakpoint
CREATE INDEX "title_mailboxes_unit" ON "title_mailboxes" USING btree ("unit_id");--> statement-breakpoint
CREATE UNIQUE INDEX "units_code" ON "units" USING btree ("code");--> statement-breakpoint
CREATE INDEX "units_parent" ON "units" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "units_account" ON "units" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "webhook_events_hook" ON "webhook_events" USING btree ("webhook_id","created_at");--> statement-breakpoint
CREATE INDEX "webhook_events_document" ON "webhook_events" USING btree ("document_id");--> statement-breakpoint
CREATE INDEX "webhooks_key" ON "webhooks" USING btree ("api_key_id");