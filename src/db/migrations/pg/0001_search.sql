-- The words come ready split and folded as a tsvector literal.
CREATE TABLE email_search (owner bigint NOT NULL, id bigint NOT NULL, words tsvector NOT NULL, PRIMARY KEY (owner, id));
--> statement-breakpoint
CREATE INDEX email_search_words ON email_search USING gin (words);
--> statement-breakpoint
CREATE TABLE document_search (owner bigint NOT NULL, id bigint NOT NULL, words tsvector NOT NULL, PRIMARY KEY (owner, id));
--> statement-breakpoint
CREATE INDEX document_search_words ON document_search USING gin (words);
--> statement-breakpoint
-- Every folded word of the index, and "<" with its letters in reverse: for parts of words.
CREATE TABLE search_words (word text COLLATE "C" PRIMARY KEY);
