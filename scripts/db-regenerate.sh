#!/bin/sh
# Writes both dialects' first migrations anew. Only before the first release: afterwards use drizzle-kit generate --name WHAT.
set -e
for d in sqlite pg; do
  rm -rf "src/db/migrations/$d"
  npx drizzle-kit generate --config "scripts/drizzle.$d.config.ts" --name tables >/dev/null
  npx drizzle-kit generate --config "scripts/drizzle.$d.config.ts" --custom --name search >/dev/null
  cp "scripts/search.$d.sql" "src/db/migrations/$d/0001_search.sql"
done
# Their key is what they are asked by: SQLite keeps the rows in its order, without a second tree. drizzle-kit knows no such tables.
for t in account_keywords blob_parts changes email_mailboxes emails expunged message_attachments thread_refs; do
  sed -i "/^CREATE TABLE \`$t\` (/,/^);/ s/^);/) WITHOUT ROWID;/" src/db/migrations/sqlite/0000_tables.sql
done
ls src/db/migrations/*
