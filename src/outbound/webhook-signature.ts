import { createHash, createHmac } from 'node:crypto'
import type { WebhookParameters } from '../model/webhook.ts'

/** `X-Twilio-Signature`: of the URL as it is requested and, where there is a form, of its parameters. */
export function signUrl(authToken: string, url: string, form: WebhookParameters = {}): string {
  const names = Object.keys(form).sort()
  const text = url + names.map((name) => name + form[name]!).join('')
  return createHmac('sha1', authToken).update(text).digest('base64')
}

/** What a body that is no form adds to the query, so that `X-Twilio-Signature` covers it: `validateRequestWithBody` compares it. */
export function bodyHash(body: string): string {
  return `bodySHA256=${createHash('sha256').update(body).digest('hex')}`
}

/** The headers of Standard Webhooks: of an id, the time (seconds) and the body. */
export function signBody(secret: Uint8Array, id: string, time: number, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${time}.${body}`).digest('base64')}`
}
