import { z } from 'zod'
import { badInput } from '../model/error.ts'
import type { WebhookAnswer } from '../outbound/webhook-request.ts'

const text = z.string('text').nullish()

/** What a pre-event's answer may replace, by the names of Programmable Chat and of its successor. */
const replacementSchema = z.object({
  body: text,
  from: text,
  author: text,
  friendly_name: text,
  attributes: z.union([z.string(), z.record(z.string(), z.unknown())], 'an object or JSON text').nullish(),
})

export interface Replacement {
  readonly body?: string | undefined
  readonly author?: string | undefined
  readonly friendlyName?: string | undefined
  /** A JSON value. */
  readonly attributes?: unknown
}

/** Whatever is no JSON object, be it nothing or `received message`, replaces nothing. */
export function readReplacement({ body }: Pick<WebhookAnswer, 'body'>): Replacement {
  const answer = parseJson(body)
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return {}
  const { data, error } = replacementSchema.safeParse(answer)
  if (!data) {
    const { path, message } = error.issues[0]!
    throw badInput(`the answer of the webhook is wrong: ${path.join('.')} must be ${message}`)
  }
  return {
    body: data.body ?? undefined,
    author: data.author ?? data.from ?? undefined,
    friendlyName: data.friendly_name ?? undefined,
    attributes: readAttributes(data.attributes ?? undefined),
  }
}

function readAttributes(attributes: unknown): unknown {
  if (typeof attributes !== 'string') return attributes
  const value = attributes === '' ? {} : parseJson(attributes)
  if (value === undefined) throw badInput('the answer of the webhook is wrong: attributes must be JSON')
  return value
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch {
    return undefined
  }
}
