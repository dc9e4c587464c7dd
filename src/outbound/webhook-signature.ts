import { createHash, createHmac } from 'node:crypto'
import type { WebhookParameters } from '../model/webhook.ts'

/** The header `X-Twilio-Signature`. It covers the URL as it is requested and, where there is a form, its parameters. */
export function signUrl(authToken: string, url: string, form: WebhookParameters = {}): string {
  const names = Object.keys(form).sort()
  const text = url + names.map((name) => name + form[name]!).join('')
  return createHmac('sha1', authToken).update(text).digest('base64')
}

/** The parameter of the query by which `X-Twilio-Signature` covers a JSON body. Twilio's `validateRequestWithBody` compares it. */
export function bodyHashParameter(body: string): string {
  return `bodySHA256=${createHash('sha256').update(body).digest('hex')}`
}

/** The header `webhook-signature` of Standard Webhooks. It covers the id, the time in seconds and the body. */
export function signBody(secret: Uint8Array, id: string, time: number, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${time}.${body}`).digest('base64')}`
}
