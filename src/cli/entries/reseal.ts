import { defineEntry, json } from '../entry.ts'

export const reseal = defineEntry({
  name: 'reseal',
  summary: 'Encrypt all secrets with the first key of SECRET_KEY.',
  description: [
    'The third step of changing SECRET_KEY: when every process has SECRET_KEY=new,old, it encrypts anew what still needs an older key. Afterwards the older keys can be removed. It may be run again, and while servers are running on Postgres.',
  ],
  options: { json },
  settings: ['SECRET_KEY', 'DATABASE_URL', 'DATA_DIR'],
  examples: [{ line: 'SECRET_KEY="$NEW,$OLD" fonechat reseal', meaning: 'With the environment of a process.' }],
  run: async (_values, options) => (await import('../../commands/reseal.ts')).resealSecrets(options),
})
