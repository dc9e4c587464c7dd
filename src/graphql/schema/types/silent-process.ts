import type { KnownProcess } from '../../../domain/process-calls.ts'
import { builder } from '../builder.ts'

export const SilentProcess = builder.objectRef<KnownProcess>('SilentProcess').implement({
  description:
    'A process of the server that did not answer within half a second: what it has is missing from the result.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id of the process, which is new with each of its starts.' }),
    host: t.exposeString('host', { description: 'The name of its machine or container.' }),
    lastHeardAt: t.field({
      type: 'DateTime',
      description:
        'The time at which the process last said that it is there, which it does every 10 seconds. One that was not heard for 5 minutes is not named any more.',
      resolve: ({ heardAt }) => heardAt,
    }),
  }),
})
