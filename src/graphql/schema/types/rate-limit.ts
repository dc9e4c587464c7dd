import type { Rate as RateModel, RateLimit as RateLimitModel } from '../../../model/rate-limit.ts'
import { builder } from '../builder.ts'

export const Rate = builder.objectRef<RateModel>('Rate').implement({
  description: 'At most so many within so many seconds, which begin with the first of them.',
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'The number that is accepted within the time.' }),
    seconds: t.exposeInt('seconds', { description: 'The time in seconds, after which counting begins anew.' }),
  }),
})

export const RateInput = builder.inputType('RateInput', {
  description: 'At most so many within so many seconds, which begin with the first of them.',
  fields: (t) => ({
    limit: t.int({ required: true, description: 'The number that is accepted within the time, from 1 to 100,000.' }),
    seconds: t.int({ required: true, description: 'The time in seconds, from 1 to 60.' }),
  }),
})

const RateLimitKind = builder.enumType('RateLimitKind', {
  description: 'The kinds of limits of a caller.',
  values: {
    SENDS: { value: 'sends', description: 'Calls of `sendMessage`. RATE_LIMITED 51002.' },
    OPERATIONS: { value: 'operations', description: 'All other fields of Query and Mutation. RATE_LIMITED 51002.' },
    TYPING: { value: 'typing', description: 'Calls of `startTyping`. Further ones have no effect.' },
    SOCKETS: { value: 'sockets', description: 'Open WebSockets. Further ones are closed with 4412.' },
    SUBSCRIPTIONS: { value: 'subscriptions', description: 'Open subscriptions. RATE_LIMITED 51001.' },
    KEY: { value: 'key', description: 'Fields that are asked for with one API key, in all processes. RATE_LIMITED.' },
  } as const,
})

export const RateLimit = builder.objectRef<RateLimitModel>('RateLimit').implement({
  description: 'A limit of the caller, and what is left of it. A user has its limits in each process by itself.',
  fields: (t) => ({
    kind: t.field({ type: RateLimitKind, description: 'The kind of the limit.', resolve: ({ kind }) => kind }),
    limit: t.exposeInt('limit', { description: 'The number that is accepted within the time, or may be open.' }),
    seconds: t.exposeInt('seconds', {
      nullable: true,
      description: 'The time in seconds, after which counting begins anew; null for what is open.',
    }),
    remaining: t.exposeInt('remaining', { description: 'The number that is accepted now.' }),
    resetsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time at which counting begins anew; null when nothing was counted, and for what is open.',
      resolve: ({ resetsInMs }) => (resetsInMs === null ? null : new Date(Date.now() + resetsInMs)),
    }),
  }),
})
