#!/bin/sh
# Writes both dialects' first migrations anew. Only before the first release: afterwards use drizzle-kit generate --name WHAT.
set -e
for d in sqlite pg; do
  rm -rf "src/db/migrations/$d"
  npx drizzle-kit generate --config "scripts/drizzle.$d.config.ts" --name tables >/dev/null
  npx drizzle-kit generate --config "scripts/drizzle.$d.config.ts" --custom --name search >/dev/null
  cp "scripts/search.$d.sql" "src/db/migrations/$d/0001_search.sql"
done
ls src/db/migrations/*
