import { defineEntry } from '../entry.ts'

export const start = defineEntry({
  name: 'start',
  summary: 'Start the server. The same as no command.',
  description: [
    'Starts the server and goes on until it is asked to stop. Without DATABASE_URL it makes a database in DATA_DIR at the first start, and prints the credentials of the backend, once.',
    'stdout has the greeting and the log. SIGTERM stops it without anyone losing what it accepted: docs/upgrade.md.',
  ],
  settings: ['PORT', 'HOST', 'DATABASE_URL', 'SECRET_KEY', 'REDIS_URL', 'PROCESSES', 'DATA_DIR', 'PUBLIC_URL'],
  examples: [
    { line: 'fonechat start', meaning: 'On port 4000, with everything in ./data.' },
    { line: 'PORT=8080 DATA_DIR=/srv/chat fonechat start', meaning: 'On another port, in another folder.' },
  ],
  // It goes on, and sets the exit code when it ends.
  run: async () => void (await import('../../start.ts')),
})
