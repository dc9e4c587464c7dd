import { defineEntry, json } from '../entry.ts'

export const restored = defineEntry({
  name: 'restored',
  summary: 'Say that the database was restored, before clients connect.',
  description: [
    'A database that was restored lacks what was written since its backup, while clients have seen it. Run this after a restore, before the server starts: clients learn which messages may be gone, instead of waiting for some that come under the same numbers. Once too often does no harm.',
    'A restore by a standby or to a point in time needs none, since Postgres itself says so, and neither does a copy that `fonechat backup` has made. docs/backup.md has the details.',
  ],
  options: { json },
  settings: ['DATABASE_URL', 'SECRET_KEY', 'DATA_DIR'],
  examples: [{ line: 'DATABASE_URL="$RESTORED_URL" fonechat restored', meaning: 'After pg_restore.' }],
  run: async (_values, options) => (await import('../../commands/restored.ts')).restored(options),
})
