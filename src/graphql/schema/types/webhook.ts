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
  description: 'What a webhook can be told of: before it happens, while it can be refused or changed, or after.',
  values: Object.fromEntries(
    webhookEvents.map((event) => [
      toConstantCase(event),
      { value: event, description: `\`${event}\`: ${isPreEvent(event) ? 'before' : 'after'}.` },
    ]),
  ) as Record<string, { value: WebhookEventName; description: string }>,
})

export const WebhookMethod = builder.enumType('WebhookMethod', {
  description: 'How a webhook is called.',
  values: {
    GET: { value: 'GET', description: 'With the parameters in the query.' },
    POST: { value: 'POST', description: 'With the parameters in the body, as `bodyFormat` says.' },
  } as const,
})

export const WebhookBodyFormat = builder.enumType('WebhookBodyFormat', {
  description: 'How a POST to a webhook carries its parameters in the body. A GET carries them in its query.',
  values: {
    FORM: { value: 'form', description: 'A form: `application/x-www-form-urlencoded`.' },
    JSON: {
      value: 'json',
      description: 'One object (`application/json`) with the names and texts of the form.',
    },
  } as const,
})

const Target = builder.objectRef<WebhookTarget & { readonly event: WebhookEventName }>('WebhookTarget').implement({
  description: 'Where one event is sent, where that is another place than the service’s own.',
  fields: (t) => ({
    event: t.field({ type: WebhookEvent, description: 'Which event.', resolve: ({ event }) => event }),
    url: t.exposeString('url', { nullable: true, description: 'Null is the service’s own address.' }),
    method: t.field({
      type: WebhookMethod,
      nullable: true,
      description: 'Null is the service’s own method.',
      resolve: ({ method }) => method,
    }),
  }),
})

export const WebhookSettings = builder.objectRef<Service>('WebhookSettings').implement({
  description: 'Where a service tells of what happens in it.',
  fields: (t) => ({
    preUrl: t.exposeString('preWebhookUrl', { nullable: true, description: 'Asked before something happens.' }),
    postUrl: t.exposeString('postWebhookUrl', { nullable: true, description: 'Told after something has happened.' }),
    method: t.field({ type: WebhookMethod, description: 'How both are called.', resolve: (s) => s.webhookMethod }),
    bodyFormat: t.field({
      type: WebhookBodyFormat,
      description: 'The format of the body when a webhook is called by POST.',
      resolve: (s) => s.webhookBodyFormat,
    }),
    enabled: t.exposeBoolean('webhooksEnabled', { description: 'Off, nothing is asked and nothing told.' }),
    apiEnabled: t.exposeBoolean('apiWebhooksEnabled', {
      description:
        'Whether what the backend does is asked and told like what users do. Off, a receiver never hears itself.',
    }),
    preTimeoutMilliseconds: t.exposeInt('preWebhookTimeout', {
      description: 'How long an action waits for the answer of `preUrl`.',
    }),
    preRequired: t.exposeBoolean('preWebhookRequired', {
      description: 'Whether an action is refused when there is no answer in time. Off, it goes through unchanged.',
    }),
    signingSecret: t.string({
      description:
        'What the Standard Webhooks headers are signed with: `whsec_…`. X-Twilio-Signature takes the auth token.',
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
      description: 'Events with an address or a method of their own.',
      resolve: ({ webhookTargets }) =>
        webhookEvents.flatMap((event) => {
          const target = webhookTargets[event]
          return target ? [{ event, ...target }] : []
        }),
    }),
  }),
})

const WebhookTargetInput = builder.inputType('WebhookTargetInput', {
  description: 'An address or a method for one event. Null takes it away; what is left out stays.',
  fields: (t) => ({
    event: t.field({ type: WebhookEvent, required: true, description: 'Which event.' }),
    url: t.string({ required: false, description: 'http or https; at most 2,048 characters.' }),
    method: t.field({ type: WebhookMethod, required: false, description: 'By default the service’s own.' }),
  }),
})

export const WebhookSettingsInput = builder.inputType('WebhookSettingsInput', {
  description:
    'What to change; what is left out stays. Null takes an address away. What would never be called is BAD_USER_INPUT.',
  fields: (t) => ({
    preUrl: t.string({
      required: false,
      description: 'http or https; at most 2,048 characters. `filters` must have an event that it is asked of.',
    }),
    postUrl: t.string({
      required: false,
      description: 'http or https; at most 2,048 characters. `filters` must have an event that it is told of.',
    }),
    method: t.field({ type: WebhookMethod, required: false, description: 'POST when null.' }),
    bodyFormat: t.field({
      type: WebhookBodyFormat,
      required: false,
      description:
        'The format of the body when a webhook is called by POST. FORM when null. Post-events that already wait keep theirs.',
    }),
    filters: t.field({
      type: [WebhookEvent],
      required: false,
      description: 'Replaces all; null is none. Each event must have an address: its own, or the one of its kind.',
    }),
    targets: t.field({
      type: [WebhookTargetInput],
      required: false,
      description: 'Those that change. A method alone needs the event in `filters`.',
    }),
    enabled: t.boolean({ required: false, description: 'Off, nothing is asked and nothing told.' }),
    apiEnabled: t.boolean({ required: false, description: 'Whether what the backend does is asked and told, too.' }),
    preTimeoutMilliseconds: t.int({ required: false, description: 'From 1 to 5,000; 5,000 by default.' }),
    preRequired: t.boolean({
      required: false,
      description: 'Whether an action is refused when there is no answer in time; off by default.',
    }),
  }),
})
