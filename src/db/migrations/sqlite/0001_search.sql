-- Contentless: the index holds no second copy of the text. rowid = owner * 2^32 + id. The words come ready split and folded.
CREATE VIRTUAL TABLE email_search USING fts5(subject, people, body, rest, content='', contentless_delete=1, tokenize='ascii');
--> statement-breakpoint
-- The same words as they are written, with marks: which messages have them, not where.
CREATE VIRTUAL TABLE email_marks USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');
--> statement-breakpoint
-- Pieces of the index are merged eight at a time, not four: a fifth less is written, and no write takes so much longer than others.
INSERT INTO email_search (email_search, rank) VALUES ('automerge', 8);
--> statement-breakpoint
INSERT INTO email_marks (email_marks, rank) VALUES ('automerge', 8);
--> statement-breakpoint
CREATE VIRTUAL TABLE document_search USING fts5(number, subject, issuer, signer, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
--> statement-breakpoint
-- Every folded word of the index, and "<" with its letters in reverse: for parts of words.
CREATE TABLE search_words (word text PRIMARY KEY NOT NULL) WITHOUT ROWID;
