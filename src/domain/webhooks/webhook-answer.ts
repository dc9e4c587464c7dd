import { z } from 'zod'
import { badInput, ChatError } from '../../model/error.ts'
import { JsonText, parseJson } from '../../model/json-text.ts'
import type { WebhookAnswer } from '../../outbound/webhook-request.ts'

const text = z.string('text').nullish()

/** What a pre-event's answer may replace, by the names of Programmable Chat and of its successor. */
const replacementSchema = z.object({
  body: text,
  from: text,
  author: text,
  friendly_name: text,
  attributes: z.custom<string | object>(isTextOrObject, 'an object or JSON text').nullish(),
})

export interface Replacement {
  readonly body?: string | undefined
  readonly author?: string | undefined
  readonly friendlyName?: string | undefined
  /** A JSON value, or the text of one. */
  readonly attributes?: unknown
}

/** Reads what an answer replaces. An answer that is no JSON object, such as an empty one or `received message`, replaces nothing. */
export function readReplacement({ body }: Pick<WebhookAnswer, 'body'>): Replacement {
  const answer = parseJson(body)
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return {}
  const { data, error } = replacementSchema.safeParse(answer)
  if (!data) {
    const { path, message } = error.issues[0]!
    throw wrongAnswer(`${path.join('.')} must be ${message}`)
  }
  return {
    body: data.body ?? undefined,
    author: data.author ?? data.from ?? undefined,
    friendlyName: data.friendly_name ?? undefined,
    attributes: toAttributes(data.attributes),
  }
}

/** Runs the checks of what an answer replaces. The refusal names no `field`: the webhook is at fault, and not an argument of the caller. */
export function checkReplacement<Result>(check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    throw error instanceof ChatError ? wrongAnswer(error.message, error.chatCode) : error
  }
}

function wrongAnswer(message: string, chatCode?: number): ChatError {
  return badInput(`the answer of the webhook is wrong: ${message}`, undefined, chatCode)
}

function isTextOrObject(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && !Array.isArray(value))
}

/** A text stays as it is; the empty text removes the attributes. */
function toAttributes(attributes: string | object | null | undefined): unknown {
  if (typeof attributes !== 'string') return attributes ?? undefined
  return attributes === '' ? null : new JsonText(attributes)
}
