import { defineEntry, json } from '../entry.ts'

export const check = defineEntry({
  name: 'check',
  summary: 'Check settings, files and connections before a start.',
  description: [
    'Says everything at once that would keep a server with these settings from starting, or that is probably not meant: each wrong setting, files that cannot be read, a folder that is in use, certificates that expire, a key that is not the database’s. It connects to Postgres, Redis and the token issuer as a start does, each with a deadline of seconds, and looks at versions, rights, clocks and numbers of connections.',
    'It changes nothing, and may run beside servers. Run it before the first start, after changing settings, and where a start fails.',
  ],
  options: { json },
  settings: [
    'DATABASE_URL',
    'DATABASE_DIRECT_URL',
    'REDIS_URL',
    'SECRET_KEY',
    'DATA_DIR',
    'PORT',
    'HOST',
    'PUBLIC_URL',
    'JWKS_URL',
    'PERSISTED_DOCUMENTS',
    'WEBHOOK_NETWORKS',
  ],
  examples: [
    { line: 'fonechat check', meaning: 'With the environment of the server.' },
    { line: 'fonechat check --json', meaning: 'For a pipeline.' },
  ],
  isInspection: true,
  run: async (_values, options) => (await import('../../commands/check.ts')).check(options),
})
