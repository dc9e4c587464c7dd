import { defineEntry, json } from '../entry.ts'

export const migrate = defineEntry({
  name: 'migrate',
  summary: 'Bring the database to the schema of this version.',
  description: [
    'Does what the first start of this version would do to the database. Run it during an upgrade, while servers of the version before are running: they go on, and no send waits for it. It may be stopped at any moment and run again.',
    'docs/upgrade.md has the whole way.',
  ],
  options: {
    'dry-run': { meaning: 'Only say which steps there are, with the locks that each takes.' },
    json,
  },
  settings: ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'SECRET_KEY', 'DATA_DIR'],
  examples: [
    { line: 'fonechat migrate --dry-run', meaning: 'Before an upgrade.' },
    { line: 'fonechat migrate', meaning: 'Then for real.' },
  ],
  run: async (_values, options) => (await import('../../commands/migrate.ts')).migrate(options),
})
