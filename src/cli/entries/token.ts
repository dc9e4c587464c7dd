import { defineEntry, json, type Entry } from '../entry.ts'
import { UsageError } from '../parse.ts'

export const token: Entry = defineEntry({
  name: 'token',
  summary: 'Make an access token for a user, to try things and for scripts.',
  description: [
    'Prints an access token for the user <identity>, as the mutation createAccessToken makes them. The user is made when it first signs in with it. It works on the database itself, beside running servers; with the embedded engine it asks the server that runs on DATA_DIR, if one does.',
    'Your backend makes the tokens of your users. This is for a terminal.',
  ],
  arguments: [{ name: 'identity', meaning: 'Name of the user in your system.' }],
  options: {
    ttl: { value: 'seconds', meaning: 'How long it is valid: 3600 by default, 86400 at most.' },
    service: { value: 'sid', meaning: 'SID of the service; by default the account’s default service.' },
    json,
  },
  settings: ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'SECRET_KEY', 'DATA_DIR'],
  examples: [
    { line: 'fonechat token alice', meaning: 'For the default service, for an hour.' },
    { line: 'fonechat token alice --ttl 60 --json', meaning: 'With the time at which it ends.' },
  ],
  run: async ([identity], options) => {
    if (options.ttl !== undefined && !/^\d{1,9}$/.test(options.ttl)) {
      throw new UsageError('--ttl takes a whole number of seconds', token)
    }
    return (await import('../../commands/token.ts')).token(identity, options)
  },
})
