import { listRateRefusals } from '../../../domain/access/rate-refusals.ts'
import type { KnownProcess } from '../../../domain/process-calls.ts'
import type { RefusalReport } from '../../../domain/refusals.ts'
import { limits } from '../../../model/limits.ts'
import { builder } from '../builder.ts'
import { RefusalKind } from './refusal-kind.ts'
import { SilentProcess } from './silent-process.ts'

const RateRefusal = builder.objectRef<RefusalReport>('RateRefusal').implement({
  description: 'A caller that a limit has refused within the last hour.',
  fields: (t) => ({
    kind: t.field({ type: RefusalKind, description: 'The kind of the limit.', resolve: ({ kind }) => kind }),
    serviceId: t.exposeID('serviceId', {
      nullable: true,
      description: 'SID of the user’s service; null for other callers.',
    }),
    userId: t.exposeID('userId', { nullable: true, description: 'SID of the user; null for other callers.' }),
    identity: t.exposeString('identity', {
      nullable: true,
      description: 'Identity of the user; null for other callers.',
    }),
    apiKeyId: t.exposeID('apiKeyId', {
      nullable: true,
      description:
        'SID of the API key; null for other callers. Without a user and a key, these are all callers without credentials.',
    }),
    count: t.exposeInt('count', {
      description: 'The number of refusals within the last hour, accurate to five minutes, by all processes together.',
    }),
    lastRefusedAt: t.field({
      type: 'DateTime',
      description: 'The time of the last refusal.',
      resolve: ({ lastAt }) => new Date(lastAt),
    }),
    limit: t.exposeInt('limit', {
      nullable: true,
      description:
        'The number that was allowed at the last refusal; null where the limit is no number of calls or of open things.',
    }),
    seconds: t.exposeInt('seconds', {
      nullable: true,
      description: 'The time in seconds within which `limit` was allowed; null for what is open at once.',
    }),
  }),
})

const RateRefusals = builder
  .objectRef<{ readonly refusals: readonly RefusalReport[]; readonly silent: readonly KnownProcess[] }>('RateRefusals')
  .implement({
    description: 'The callers that limits have refused lately.',
    fields: (t) => ({
      nodes: t.field({
        type: [RateRefusal],
        description: 'The callers, each once for every kind, those first that were refused most often.',
        resolve: ({ refusals }) => refusals,
      }),
      silentProcesses: t.field({
        type: [SilentProcess],
        description: 'The processes that did not answer: what they have refused is missing.',
        resolve: ({ silent }) => silent,
      }),
    }),
  })

builder.queryFields((t) => ({
  rateRefusals: t.field({
    type: RateRefusals,
    description:
      'Backend only, of the server’s own account: who was refused by a limit within the last hour, of all processes. Each process remembers the last 1,000 callers and ' +
      'reports the 100 that it has refused most often; what one has refused before it was started anew is forgotten.',
    args: {
      serviceId: t.arg.id({
        required: false,
        description: 'SID of a service. Only its users are listed; all callers by default.',
      }),
      kind: t.arg({ type: RefusalKind, required: false, description: 'Only refusals of this kind; all by default.' }),
      first: t.arg.int({
        required: false,
        description: 'The largest number of callers, from 1 to 100; 25 by default.',
      }),
    },
    complexity: ({ first }) => ({ field: 1, multiplier: Math.max(1, first ?? limits.pageSize) }),
    resolve: (_root, { first, ...filter }, { app, actor }) => listRateRefusals(app, actor, filter, first),
  }),
}))
