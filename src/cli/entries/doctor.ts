import { defineEntry, json } from '../entry.ts'

export const doctor = defineEntry({
  name: 'doctor',
  summary: 'Look at a running system: what is odd, and what to do.',
  description: [
    'Looks at a system that is in use, and says what is wrong or will be, each with a remedy: versions and clocks; indexes that are invalid or missing; dead rows, autovacuum and the age of transactions; long transactions and locks; replication; webhook deliveries, scheduled messages and texts that nobody works on; rows without their parents; counters that do not fit; settings that look odd; Redis; room on the disk.',
    'It changes nothing, reads a bounded part of large tables, and takes seconds: at most 40 for the database. Run it when something is odd, after a restore or an upgrade, and by cron. With the embedded engine it asks the server that runs on DATA_DIR, if one does.',
    'docs/cli.md explains each finding by its code.',
  ],
  options: { json },
  settings: ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'REDIS_URL', 'SECRET_KEY', 'DATA_DIR', 'PORT', 'HOST', 'JWKS_URL'],
  examples: [
    { line: 'fonechat doctor', meaning: 'With the environment of the server.' },
    { line: 'fonechat doctor --json', meaning: 'The findings with their codes, for a script.' },
  ],
  isInspection: true,
  run: async (_values, options) => (await import('../../commands/doctor.ts')).doctor(options),
})
