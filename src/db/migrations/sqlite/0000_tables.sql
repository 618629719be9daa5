CREATE TABLE `account_keywords` (
	`account_id` integer NOT NULL,
	`keyword` text NOT NULL,
	PRIMARY KEY(`account_id`, `keyword`)
);
--> statement-breakpoint
CREATE TABLE `accounts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`modseq` integer NOT NULL,
	`changes_floor` integer NOT NULL,
	`next_mailbox_id` integer NOT NULL,
	`next_email_id` integer NOT NULL,
	`next_thread_id` integer NOT NULL,
	`next_submission_id` integer NOT NULL,
	`quota_bytes` integer NOT NULL,
	`used_bytes` integer NOT NULL,
	`email_count` integer NOT NULL,
	`last_uid_validity` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `addresses` (
	`address` text PRIMARY KEY NOT NULL,
	`account_id` integer NOT NULL,
	`is_primary` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `addresses_account` ON `addresses` (`account_id`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`key_hash` text NOT NULL,
	`scopes` text NOT NULL,
	`unit_id` integer,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash` ON `api_keys` (`key_hash`);--> statement-breakpoint
CREATE TABLE `app_passwords` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`official_id` integer NOT NULL,
	`label` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `app_passwords_hash` ON `app_passwords` (`token_hash`);--> statement-breakpoint
CREATE INDEX `app_passwords_official` ON `app_passwords` (`official_id`);--> statement-breakpoint
CREATE TABLE `audit_log` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`object` text NOT NULL,
	`details` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit_log` (`at`);--> statement-breakpoint
CREATE TABLE `blob_parts` (
	`hash` text NOT NULL,
	`content_hash` text NOT NULL,
	PRIMARY KEY(`hash`, `content_hash`)
);
--> statement-breakpoint
CREATE INDEX `blob_parts_content` ON `blob_parts` (`content_hash`);--> statement-breakpoint
CREATE TABLE `blobs` (
	`hash` text PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`parts` integer NOT NULL,
	`created_at` integer NOT NULL,
	`data` blob
);
--> statement-breakpoint
CREATE TABLE `changes` (
	`account_id` integer NOT NULL,
	`type` text NOT NULL,
	`modseq` integer NOT NULL,
	`object_id` integer NOT NULL,
	`action` text NOT NULL,
	PRIMARY KEY(`account_id`, `type`, `modseq`, `object_id`)
);
--> statement-breakpoint
CREATE TABLE `credentials` (
	`official_id` integer PRIMARY KEY NOT NULL,
	`password_hash` text NOT NULL,
	`must_change` integer NOT NULL,
	`changed_at` integer NOT NULL,
	`failures` integer NOT NULL,
	`locked_until` integer,
	`last_sign_in_at` integer
);
--> statement-breakpoint
CREATE TABLE `delegates` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`official_id` integer NOT NULL,
	`can_send` integer NOT NULL,
	`valid_from` text NOT NULL,
	`valid_to` text
);
--> statement-breakpoint
CREATE INDEX `delegates_account` ON `delegates` (`account_id`);--> statement-breakpoint
CREATE INDEX `delegates_official` ON `delegates` (`official_id`);--> statement-breakpoint
CREATE TABLE `document_deliveries` (
	`link_id` integer NOT NULL,
	`account_id` integer NOT NULL,
	`email_id` integer NOT NULL,
	`role` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`link_id`, `account_id`, `role`)
);
--> statement-breakpoint
CREATE INDEX `document_deliveries_account` ON `document_deliveries` (`account_id`,`email_id`);--> statement-breakpoint
CREATE TABLE `document_files` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`document_id` integer NOT NULL,
	`version` integer NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`size` integer NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `document_files_version` ON `document_files` (`document_id`,`version`);--> statement-breakpoint
CREATE INDEX `document_files_hash` ON `document_files` (`hash`);--> statement-breakpoint
CREATE TABLE `document_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`document_id` integer NOT NULL,
	`message_hash` text NOT NULL,
	`part` text NOT NULL,
	`file_id` integer,
	`content_hash` text NOT NULL,
	`match` text NOT NULL,
	`at` integer NOT NULL,
	`message_id` text,
	`from_address` text NOT NULL,
	`from_name` text NOT NULL,
	`subject` text NOT NULL,
	`recipient_count` integer NOT NULL,
	`recipients` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `document_links_message` ON `document_links` (`document_id`,`message_hash`,`part`);--> statement-breakpoint
CREATE INDEX `document_links_by_message` ON `document_links` (`message_hash`);--> statement-breakpoint
CREATE TABLE `document_recipients` (
	`document_id` integer NOT NULL,
	`code` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`document_id`, `code`)
);
--> statement-breakpoint
CREATE INDEX `document_recipients_code` ON `document_recipients` (`code`);--> statement-breakpoint
CREATE TABLE `documents` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`register_id` integer NOT NULL,
	`unit_id` integer NOT NULL,
	`direction` text NOT NULL,
	`identifier` text NOT NULL,
	`code_number` text NOT NULL,
	`year_in_number` integer,
	`code_notation` text NOT NULL,
	`number_notation` text NOT NULL,
	`number_key` text NOT NULL,
	`type_name` text NOT NULL,
	`type_abbr` text,
	`legal_normative` integer NOT NULL,
	`issuer_code` text NOT NULL,
	`issuer_name` text NOT NULL,
	`drafting_unit_code` text,
	`place` text NOT NULL,
	`issued_date` text NOT NULL,
	`subject` text NOT NULL,
	`urgency` text NOT NULL,
	`signer_authority` text,
	`signer_position` text NOT NULL,
	`signer_name` text NOT NULL,
	`page_amount` integer,
	`due_date` text,
	`arrival_number` integer,
	`arrival_date` text,
	`response_for` text,
	`status` text NOT NULL,
	`api_key_id` integer,
	`external_id` text,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `documents_identifier` ON `documents` (`register_id`,`identifier`);--> statement-breakpoint
CREATE INDEX `documents_unit` ON `documents` (`unit_id`,`direction`,`issued_date`);--> statement-breakpoint
CREATE INDEX `documents_number` ON `documents` (`number_key`);--> statement-breakpoint
CREATE INDEX `documents_identifier_all` ON `documents` (`identifier`);--> statement-breakpoint
CREATE INDEX `documents_external` ON `documents` (`api_key_id`,`external_id`);--> statement-breakpoint
CREATE TABLE `email_mailboxes` (
	`account_id` integer NOT NULL,
	`mailbox_id` integer NOT NULL,
	`uid` integer NOT NULL,
	`email_id` integer NOT NULL,
	`received_at` integer NOT NULL,
	`saved_at` integer NOT NULL,
	`deleted` integer NOT NULL,
	`modseq` integer NOT NULL,
	PRIMARY KEY(`account_id`, `mailbox_id`, `uid`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `email_mailboxes_email` ON `email_mailboxes` (`account_id`,`email_id`,`mailbox_id`);--> statement-breakpoint
CREATE INDEX `email_mailboxes_received` ON `email_mailboxes` (`account_id`,`mailbox_id`,`received_at`,`email_id`);--> statement-breakpoint
CREATE INDEX `email_mailboxes_modseq` ON `email_mailboxes` (`account_id`,`mailbox_id`,`modseq`);--> statement-breakpoint
CREATE TABLE `emails` (
	`account_id` integer NOT NULL,
	`id` integer NOT NULL,
	`blob_hash` text NOT NULL,
	`thread_id` integer NOT NULL,
	`size` integer NOT NULL,
	`received_at` integer NOT NULL,
	`flags` integer NOT NULL,
	`keywords` text NOT NULL,
	`created_modseq` integer NOT NULL,
	`modseq` integer NOT NULL,
	`search_id` integer NOT NULL,
	PRIMARY KEY(`account_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `emails_thread` ON `emails` (`account_id`,`thread_id`);--> statement-breakpoint
CREATE INDEX `emails_received` ON `emails` (`account_id`,`received_at`,`id`);--> statement-breakpoint
CREATE INDEX `emails_blob` ON `emails` (`blob_hash`,`account_id`);--> statement-breakpoint
CREATE INDEX `emails_search` ON `emails` (`account_id`,`search_id`);--> statement-breakpoint
CREATE TABLE `expunged` (
	`account_id` integer NOT NULL,
	`mailbox_id` integer NOT NULL,
	`uid` integer NOT NULL,
	`modseq` integer NOT NULL,
	PRIMARY KEY(`account_id`, `mailbox_id`, `uid`)
);
--> statement-breakpoint
CREATE INDEX `expunged_modseq` ON `expunged` (`account_id`,`mailbox_id`,`modseq`);--> statement-breakpoint
CREATE TABLE `facts` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `grants` (
	`official_id` integer NOT NULL,
	`role` text NOT NULL,
	`unit_id` integer NOT NULL,
	PRIMARY KEY(`official_id`, `role`, `unit_id`)
);
--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`queue` text NOT NULL,
	`unique_key` text,
	`payload` text NOT NULL,
	`state` text NOT NULL,
	`run_at` integer NOT NULL,
	`attempts` integer NOT NULL,
	`lease_until` integer,
	`lease_token` text,
	`again_at` integer,
	`last_error` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `jobs_due` ON `jobs` (`queue`,`state`,`run_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_unique` ON `jobs` (`queue`,`unique_key`);--> statement-breakpoint
CREATE TABLE `mailboxes` (
	`account_id` integer NOT NULL,
	`id` integer NOT NULL,
	`parent_id` integer,
	`name` text NOT NULL,
	`role` text,
	`sort_order` integer NOT NULL,
	`is_subscribed` integer NOT NULL,
	`uid_validity` integer NOT NULL,
	`uid_next` integer NOT NULL,
	`recent_uid` integer NOT NULL,
	`total_emails` integer NOT NULL,
	`unread_emails` integer NOT NULL,
	`total_bytes` integer NOT NULL,
	`highest_modseq` integer NOT NULL,
	PRIMARY KEY(`account_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `message_attachments` (
	`message_hash` text NOT NULL,
	`part` text NOT NULL,
	`content_hash` text NOT NULL,
	`name` text,
	`type` text NOT NULL,
	`size` integer NOT NULL,
	PRIMARY KEY(`message_hash`, `part`)
);
--> statement-breakpoint
CREATE INDEX `message_attachments_content` ON `message_attachments` (`content_hash`);--> statement-breakpoint
CREATE TABLE `message_texts` (
	`hash` text PRIMARY KEY NOT NULL,
	`text` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `messages` (
	`hash` text PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`derived_version` integer NOT NULL,
	`sent_at` integer,
	`has_attachment` integer NOT NULL,
	`has_document` integer NOT NULL,
	`is_signed` integer NOT NULL,
	`verdict_at` integer,
	`created_at` integer NOT NULL,
	`subject` text NOT NULL,
	`sort_subject` text NOT NULL,
	`sort_from` text NOT NULL,
	`sort_to` text NOT NULL,
	`subject_text` text NOT NULL,
	`from_text` text NOT NULL,
	`to_text` text NOT NULL,
	`cc_text` text NOT NULL,
	`bcc_text` text NOT NULL,
	`message_ids` text NOT NULL,
	`verdict` text,
	`derived` blob NOT NULL,
	`imap_envelope` text NOT NULL,
	`imap_body_structure` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `officials` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`full_name` text NOT NULL,
	`family_name` text NOT NULL,
	`middle_name` text NOT NULL,
	`given_name` text NOT NULL,
	`account_id` integer NOT NULL,
	`status` text NOT NULL,
	`external_id` text,
	`search_key` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `officials_account` ON `officials` (`account_id`);--> statement-breakpoint
CREATE INDEX `officials_external` ON `officials` (`external_id`);--> statement-breakpoint
CREATE TABLE `outbound_messages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer,
	`return_path` text NOT NULL,
	`blob_hash` text NOT NULL,
	`size` integer NOT NULL,
	`smtp_utf8` integer NOT NULL,
	`env_id` text,
	`ret` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `outbound_recipients` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`outbound_id` integer NOT NULL,
	`address` text NOT NULL,
	`domain` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`next_at` integer NOT NULL,
	`last_reply` text,
	`delivered_to` text,
	`tls` text,
	`done_at` integer,
	`notify` text,
	`orcpt` text,
	`delay_reported` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbound_recipients_message` ON `outbound_recipients` (`outbound_id`);--> statement-breakpoint
CREATE INDEX `outbound_recipients_state` ON `outbound_recipients` (`state`,`next_at`);--> statement-breakpoint
CREATE TABLE `outside_keys` (
	`address` text PRIMARY KEY NOT NULL,
	`public_key` blob,
	`fetched_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `posts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`official_id` integer NOT NULL,
	`unit_id` integer NOT NULL,
	`title` text NOT NULL,
	`role` text NOT NULL,
	`is_primary` integer NOT NULL,
	`valid_from` text NOT NULL,
	`valid_to` text
);
--> statement-breakpoint
CREATE INDEX `posts_official` ON `posts` (`official_id`);--> statement-breakpoint
CREATE INDEX `posts_unit` ON `posts` (`unit_id`);--> statement-breakpoint
CREATE TABLE `registers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`unit_id` integer NOT NULL,
	`direction` text NOT NULL,
	`year` integer NOT NULL,
	`name` text NOT NULL,
	`next_number` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `registers_unit` ON `registers` (`unit_id`,`direction`,`year`);--> statement-breakpoint
CREATE TABLE `search_states` (
	`account_id` integer PRIMARY KEY NOT NULL,
	`indexed_to` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `secrets` (
	`name` text PRIMARY KEY NOT NULL,
	`sealed` blob NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`official_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`user_agent` text NOT NULL,
	`ip` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_official` ON `sessions` (`official_id`);--> statement-breakpoint
CREATE TABLE `signed_messages` (
	`fingerprint` text NOT NULL,
	`message_hash` text NOT NULL,
	`signed_at` integer NOT NULL,
	`arrived_at` integer NOT NULL,
	PRIMARY KEY(`fingerprint`, `message_hash`)
);
--> statement-breakpoint
CREATE TABLE `signing_key_ids` (
	`key_id` text NOT NULL,
	`fingerprint` text NOT NULL,
	PRIMARY KEY(`key_id`, `fingerprint`)
);
--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`fingerprint` text PRIMARY KEY NOT NULL,
	`official_id` integer NOT NULL,
	`address` text NOT NULL,
	`wkd_hash` text NOT NULL,
	`public_key` blob NOT NULL,
	`private_key` text NOT NULL,
	`revocation` blob NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`certified_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `signing_keys_official` ON `signing_keys` (`official_id`);--> statement-breakpoint
CREATE INDEX `signing_keys_address` ON `signing_keys` (`address`);--> statement-breakpoint
CREATE INDEX `signing_keys_wkd` ON `signing_keys` (`wkd_hash`);--> statement-breakpoint
CREATE TABLE `submissions` (
	`account_id` integer NOT NULL,
	`id` integer NOT NULL,
	`sent_by` integer,
	`identity_id` text NOT NULL,
	`email_id` integer NOT NULL,
	`thread_id` integer NOT NULL,
	`envelope` text NOT NULL,
	`send_at` integer NOT NULL,
	`undo_status` text NOT NULL,
	`outbound_id` integer,
	PRIMARY KEY(`account_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `submissions_email` ON `submissions` (`account_id`,`email_id`);--> statement-breakpoint
CREATE TABLE `thread_refs` (
	`account_id` integer NOT NULL,
	`ref` text NOT NULL,
	`thread_id` integer NOT NULL,
	PRIMARY KEY(`account_id`, `ref`, `thread_id`)
);
--> statement-breakpoint
CREATE INDEX `thread_refs_thread` ON `thread_refs` (`account_id`,`thread_id`);--> statement-breakpoint
CREATE TABLE `title_mailboxes` (
	`account_id` integer PRIMARY KEY NOT NULL,
	`unit_id` integer NOT NULL,
	`title` text NOT NULL,
	`name` text NOT NULL,
	`search_key` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `title_mailboxes_unit` ON `title_mailboxes` (`unit_id`);--> statement-breakpoint
CREATE TABLE `units` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text NOT NULL,
	`legacy_code` text,
	`name` text NOT NULL,
	`short_name` text NOT NULL,
	`abbreviation` text NOT NULL,
	`kind` text NOT NULL,
	`admin_tier` text NOT NULL,
	`parent_id` integer,
	`place` text NOT NULL,
	`has_seal` integer NOT NULL,
	`owns_registers` integer NOT NULL,
	`account_id` integer,
	`valid_from` text NOT NULL,
	`valid_to` text,
	`search_key` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `units_code` ON `units` (`code`);--> statement-breakpoint
CREATE INDEX `units_parent` ON `units` (`parent_id`);--> statement-breakpoint
CREATE INDEX `units_account` ON `units` (`account_id`);--> statement-breakpoint
CREATE TABLE `uploads` (
	`account_id` integer NOT NULL,
	`hash` text NOT NULL,
	`type` text NOT NULL,
	`size` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`account_id`, `hash`)
);
--> statement-breakpoint
CREATE TABLE `webhook_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`webhook_id` integer NOT NULL,
	`event` text NOT NULL,
	`document_id` integer NOT NULL,
	`payload` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`last_status` text,
	`created_at` integer NOT NULL,
	`done_at` integer
);
--> statement-breakpoint
CREATE INDEX `webhook_events_hook` ON `webhook_events` (`webhook_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `webhook_events_document` ON `webhook_events` (`document_id`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`api_key_id` integer NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`sealed_secret` blob NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhooks_key` ON `webhooks` (`api_key_id`);