import { defineEntry, json } from '../entry.ts'

export const backup = defineEntry({
  name: 'backup',
  summary: 'Copy the folder of the embedded engine, also while the server runs.',
  description: [
    'Makes <folder> a copy of DATA_DIR from which a server starts. A server that runs on it stands still for a moment, some milliseconds. Whoever can read the copy can read its secrets.',
    'With DATABASE_URL, back up with the tools of Postgres: docs/backup.md.',
  ],
  arguments: [{ name: 'folder', meaning: 'Where the copy goes. It must not exist yet.' }],
  options: { json },
  settings: ['DATA_DIR'],
  examples: [{ line: 'DATA_DIR=./data fonechat backup /backups/monday', meaning: 'Each night by cron, for example.' }],
  run: async ([folder], options) => (await import('../../commands/backup.ts')).backup(folder, options),
})
