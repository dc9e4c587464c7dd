import {
  listWebhookEndpoints,
  type ProcessCircuit,
  type WebhookEndpoint as WebhookEndpointModel,
} from '../../../domain/webhooks/webhook-endpoint.ts'
import { builder } from '../builder.ts'
import { WebhookEvent } from './webhook.ts'

const WebhookCircuitState = builder.enumType('WebhookCircuitState', {
  description: 'The states of a circuit breaker.',
  values: {
    CLOSED: { value: 'closed', description: 'Pre-events are sent.' },
    OPEN: {
      value: 'open',
      description:
        'Five pre-events in a row had no answer in time: for 30 seconds none is sent, and what they would ask about is decided without them.',
    },
    HALF_OPEN: { value: 'halfOpen', description: 'The next pre-event is sent, and its answer decides.' },
  } as const,
})

const WebhookCircuit = builder.objectRef<ProcessCircuit>('WebhookCircuit').implement({
  description: 'The circuit breaker of an address that one process sends pre-events to.',
  fields: (t) => ({
    processId: t.exposeID('processId', { description: 'The id of the process whose circuit breaker it is.' }),
    state: t.field({
      type: WebhookCircuitState,
      description: 'The state of the circuit breaker.',
      resolve: ({ state }) => state,
    }),
    openUntil: t.expose('openUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'The time at which the circuit breaker becomes half open; null unless it is OPEN.',
    }),
    timeouts: t.exposeInt('timeouts', { description: 'The number of pre-events in a row without an answer in time.' }),
    running: t.exposeInt('running', { description: 'The number of pre-events under way, at most 20.' }),
    waiting: t.exposeInt('waiting', {
      description: 'The number of pre-events that wait for their turn, at most 1,000.',
    }),
  }),
})

const WebhookEndpoint = builder.objectRef<WebhookEndpointModel>('WebhookEndpoint').implement({
  description: 'An address that a service sends webhooks to, or for which deliveries still wait.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'The address to which events are sent.' }),
    events: t.field({
      type: [WebhookEvent],
      description: 'The events that the service sends there now; none for an address that it had before.',
      resolve: ({ events }) => [...events],
    }),
    waiting: t.int({
      description: 'The number of deliveries that wait. At most 10,000 queues of the server are looked at.',
      resolve: ({ waiting }) => waiting?.deliveries ?? 0,
    }),
    queues: t.int({
      description:
        'The number of ordered queues in which deliveries wait: one for each channel or user that they are about.',
      resolve: ({ waiting }) => waiting?.queues ?? 0,
    }),
    failingQueues: t.int({
      description:
        'The number of ordered queues whose first delivery was attempted and has not arrived. It holds back the others of its queue.',
      resolve: ({ waiting }) => waiting?.failingQueues ?? 0,
    }),
    waitingSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time since which the oldest delivery waits; null when none waits.',
      resolve: ({ waiting }) => waiting?.since,
    }),
    circuits: t.field({
      type: [WebhookCircuit],
      description:
        'The circuit breakers of the processes that have sent pre-events to it lately. Post-events have none: their queues wait longer after each attempt.',
      resolve: ({ circuits }) => [...circuits],
    }),
    silentProcessIds: t.field({
      type: ['ID'],
      description:
        'The ids of the processes that did not answer within half a second: their circuit breakers are missing.',
      resolve: ({ silent }) => silent.map(({ id }) => id),
    }),
  }),
})

builder.queryField('webhookEndpoints', (t) =>
  t.field({
    type: [WebhookEndpoint],
    description:
      'Backend only: the addresses of a service’s webhooks with what waits for them, in the order of their texts. At most 1,000 addresses that the ' +
      'service had before are listed.',
    complexity: { field: 100, multiplier: 20 },
    args: {
      serviceId: t.arg.id({
        required: false,
        description: 'SID of the service; the account’s default service when left out.',
      }),
    },
    resolve: (_root, { serviceId }, { app, actor }) => listWebhookEndpoints(app, actor, serviceId),
  }),
)
