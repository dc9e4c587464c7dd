import { defineEntry, json } from '../entry.ts'

const settings = ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'SECRET_KEY', 'DATA_DIR'] as const

const where =
  'It works on the database itself, beside running servers; with the embedded engine it asks the server that runs on DATA_DIR, if one does.'

export const keysList = defineEntry({
  name: 'keys list',
  summary: 'List the API keys of the account.',
  description: [`Lists the API keys, oldest first, with the time at which each was last used: up to 1000. ${where}`],
  options: { json },
  settings,
  examples: [{ line: 'fonechat keys list', meaning: 'Which of them are still in use?' }],
  run: async (_values, options) => (await import('../../commands/keys.ts')).listKeys(options),
})

export const keysCreate = defineEntry({
  name: 'keys create',
  summary: 'Make an API key. Its secret is shown once.',
  description: [
    'Makes an API key for a backend or a script: SID and secret are user name and password of basic authentication, and the secret signs access tokens. The secret cannot be read again.',
    where,
  ],
  options: { name: { value: 'name', meaning: 'By which it is known in lists.' }, json },
  settings,
  examples: [{ line: 'fonechat keys create --name prometheus', meaning: 'For what reads /metrics, for example.' }],
  run: async (_values, options) => (await import('../../commands/keys.ts')).createKey(options),
})

export const keysDelete = defineEntry({
  name: 'keys delete',
  summary: 'Revoke an API key.',
  description: [
    `Revokes an API key and the tokens that it has signed: both are refused from now on, and what is connected with them is closed within 3 seconds on every process. ${where}`,
  ],
  arguments: [{ name: 'sid', meaning: 'SID of the key, which begins with SK.' }],
  options: { json },
  settings,
  examples: [{ line: 'fonechat keys delete SK0192…', meaning: 'When `keys list` says that it is not used any more.' }],
  run: async ([sid], options) => (await import('../../commands/keys.ts')).deleteKey(sid, options),
})
