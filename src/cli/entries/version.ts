import { defineEntry, json } from '../entry.ts'

export const version = defineEntry({
  name: 'version',
  summary: 'Print the version. The same as --version.',
  description: ['Prints the version of this program. It reads no settings and connects to nothing.'],
  options: { json },
  settings: [],
  examples: [{ line: 'fonechat --version', meaning: 'Such as 1.2.3.' }],
  run: async (_values, options) => (await import('../../commands/version.ts')).version(options),
})
