import { defineEntry, json } from '../entry.ts'

export const move = defineEntry({
  name: 'move',
  summary: 'Move from the embedded engine to an empty Postgres.',
  description: [
    'Copies everything that a stopped server has in DATA_DIR to the empty database at DATABASE_URL, compares the two, and marks the folder so that no server starts on it by mistake. Identifiers, cursors, tokens and what waits stay as they are. What was sealed with the key of the folder is sealed with the first key of SECRET_KEY.',
    'When it is interrupted, the folder is as it was, and no server starts on the database: run it again. DATA_DIR can be a copy made by `fonechat backup`.',
  ],
  options: { json },
  settings: ['DATA_DIR', 'DATABASE_URL', 'DATABASE_DIRECT_URL', 'SECRET_KEY'],
  examples: [{ line: 'DATA_DIR=./data fonechat move', meaning: 'With DATABASE_URL and SECRET_KEY of the new server.' }],
  run: async (_values, options) => (await import('../../commands/move.ts')).move(options),
})
