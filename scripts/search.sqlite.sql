-- Contentless: the index holds no second copy of the text. rowid = owner * 2^32 + id.
CREATE VIRTUAL TABLE email_search USING fts5(subject, people, body, files, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
--> statement-breakpoint
CREATE VIRTUAL TABLE document_search USING fts5(number, subject, issuer, signer, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
