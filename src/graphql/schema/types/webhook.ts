import { readSigningSecret } from '../../../domain/webhooks/webhook.ts'
import type { Service } from '../../../model/service.ts'
import {
  isPreEvent,
  toConstantCase,
  webhookEvents,
  type WebhookEvent as WebhookEventName,
  type WebhookTarget,
} from '../../../model/webhook.ts'
import { builder } from '../builder.ts'

export const WebhookEvent = builder.enumType('WebhookEvent', {
  description:
    'The events of webhooks. Pre-events are sent before an action and can refuse or change it, post-events are sent after it.',
  values: Object.fromEntries(
    webhookEvents.map((event) => [
      toConstantCase(event),
      {
        value: event,
        description: `${isPreEvent(event) ? 'Pre-event' : 'Post-event'} \`${event}\`, sent ${isPreEvent(event) ? 'before' : 'after'} the action.`,
      },
    ]),
  ) as Record<string, { value: WebhookEventName; description: string }>,
})

export const WebhookMethod = builder.enumType('WebhookMethod', {
  description: 'The HTTP method of requests to a webhook.',
  values: {
    GET: { value: 'GET', description: 'The parameters are in the query.' },
    POST: { value: 'POST', description: 'The parameters are in the body, in the format of `bodyFormat`.' },
  } as const,
})

export const WebhookBodyFormat = builder.enumType('WebhookBodyFormat', {
  description: 'The format of the parameters in the body of a POST to a webhook. A GET has them in its query.',
  values: {
    FORM: { value: 'form', description: 'A form: `application/x-www-form-urlencoded`.' },
    JSON: {
      value: 'json',
      description: 'One JSON object (`application/json`) with the names and texts of the form.',
    },
  } as const,
})

const Target = builder.objectRef<WebhookTarget & { readonly event: WebhookEventName }>('WebhookTarget').implement({
  description: 'The address or method of one event, where it is not the service’s own.',
  fields: (t) => ({
    event: t.field({
      type: WebhookEvent,
      description: 'The event with this address or method.',
      resolve: ({ event }) => event,
    }),
    url: t.exposeString('url', {
      nullable: true,
      description: 'The address of the event; null for the service’s own.',
    }),
    method: t.field({
      type: WebhookMethod,
      nullable: true,
      description: 'The HTTP method of the event; null for the service’s own.',
      resolve: ({ method }) => method,
    }),
  }),
})

export const WebhookSettings = builder.objectRef<Service>('WebhookSettings').implement({
  description: 'The webhooks of a service and the events that are sent to them.',
  fields: (t) => ({
    preUrl: t.exposeString('preWebhookUrl', {
      nullable: true,
      description: 'The address of pre-events, which are sent before an action; null for none.',
    }),
    postUrl: t.exposeString('postWebhookUrl', {
      nullable: true,
      description: 'The address of post-events, which are sent after an action; null for none.',
    }),
    method: t.field({
      type: WebhookMethod,
      description: 'The HTTP method of requests to both addresses.',
      resolve: (s) => s.webhookMethod,
    }),
    bodyFormat: t.field({
      type: WebhookBodyFormat,
      description: 'The format of the body when the method is POST.',
      resolve: (s) => s.webhookBodyFormat,
    }),
    enabled: t.exposeBoolean('webhooksEnabled', { description: 'Whether events are sent at all.' }),
    apiEnabled: t.exposeBoolean('apiWebhooksEnabled', {
      description:
        'Whether actions of the backend are sent like those of users. While off, a receiver does not get events of its own actions.',
    }),
    preTimeoutMilliseconds: t.exposeInt('preWebhookTimeout', {
      description: 'The number of milliseconds for which an action waits for the answer to a pre-event.',
    }),
    preRequired: t.exposeBoolean('preWebhookRequired', {
      description:
        'Whether an action is refused when a pre-event is not answered in time. While off, the action goes on unchanged.',
    }),
    signingSecret: t.string({
      extensions: { isSecret: true },
      description:
        'The secret that signs the Standard Webhooks headers: `whsec_…`. X-Twilio-Signature is signed with the auth token.',
      resolve: (service, _args, { app }) => readSigningSecret(app, service),
    }),
    filters: t.field({
      type: [WebhookEvent],
      description: 'The events that are sent to the two addresses.',
      // A newer version may know more, and must not fail the list of services of an older one that runs beside it.
      resolve: ({ webhookFilters }) => webhookFilters.filter((event) => webhookEvents.includes(event)),
    }),
    targets: t.field({
      type: [Target],
      description: 'The events with an address or a method of their own.',
      resolve: ({ webhookTargets }) =>
        webhookEvents.flatMap((event) => {
          const target = webhookTargets[event]
          return target ? [{ event, ...target }] : []
        }),
    }),
  }),
})

const WebhookTargetInput = builder.inputType('WebhookTargetInput', {
  description: 'The address or method of one event. Null removes it; fields that are left out keep their values.',
  fields: (t) => ({
    event: t.field({ type: WebhookEvent, required: true, description: 'The event to change.' }),
    url: t.string({
      required: false,
      description: 'The address of the event, http or https, of at most 2,048 characters; null for the service’s own.',
    }),
    method: t.field({
      type: WebhookMethod,
      required: false,
      description: 'The HTTP method of the event; null for the service’s own.',
    }),
  }),
})

export const WebhookSettingsInput = builder.inputType('WebhookSettingsInput', {
  description:
    'Changes to the webhooks of a service. Fields that are left out keep their values; null removes an address. Settings with ' +
    'which an address or event would never be used are BAD_USER_INPUT.',
  fields: (t) => ({
    preUrl: t.string({
      required: false,
      description:
        'The address of pre-events, http or https, of at most 2,048 characters; null for none. `filters` must contain a pre-event ' +
        'that is sent to it.',
    }),
    postUrl: t.string({
      required: false,
      description:
        'The address of post-events, http or https, of at most 2,048 characters; null for none. `filters` must contain a post-event ' +
        'that is sent to it.',
    }),
    method: t.field({
      type: WebhookMethod,
      required: false,
      description: 'The HTTP method of requests to both addresses; POST when null.',
    }),
    bodyFormat: t.field({
      type: WebhookBodyFormat,
      required: false,
      description:
        'The format of the body when the method is POST; FORM when null. Deliveries that already wait keep their format.',
    }),
    filters: t.field({
      type: [WebhookEvent],
      required: false,
      description:
        'The events that are sent to the two addresses. They replace all previous ones; null for none. Each event must have an ' +
        'address, its own or the one of its kind.',
    }),
    targets: t.field({
      type: [WebhookTargetInput],
      required: false,
      description: 'The events whose address or method changes. An event with only a method must be in `filters`.',
    }),
    enabled: t.boolean({ required: false, description: 'Whether events are sent at all.' }),
    apiEnabled: t.boolean({
      required: false,
      description: 'Whether actions of the backend are sent like those of users.',
    }),
    preTimeoutMilliseconds: t.int({
      required: false,
      description:
        'The number of milliseconds for which an action waits for the answer to a pre-event, from 1 to 5,000; 5,000 by default.',
    }),
    preRequired: t.boolean({
      required: false,
      description: 'Whether an action is refused when a pre-event is not answered in time. False by default.',
    }),
  }),
})
