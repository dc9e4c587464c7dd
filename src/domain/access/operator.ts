import { z } from 'zod'
import type { Backend } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import type { ApiKeyRow } from '../../store/account.ts'
import { inspectDatabase } from '../../store/doctor/doctor.ts'
import type { AccessApp } from '../app.ts'
import { createAccessToken } from './access-token.ts'
import { createApiKey, deleteApiKey, listApiKeys } from './api-key.ts'

/** What an operator may ask for on the machine itself, with the authority of the account. */
const operatorCall = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('token'),
    identity: z.string(),
    serviceId: z.string().optional(),
    ttlSeconds: z.number().optional(),
  }),
  z.object({ name: z.literal('listKeys') }),
  z.object({ name: z.literal('createKey'), friendlyName: z.string().optional() }),
  z.object({ name: z.literal('deleteKey'), id: z.string() }),
  z.object({ name: z.literal('doctor') }),
])

export type OperatorCall = z.output<typeof operatorCall>

export interface OperatorApp extends AccessApp {
  readonly config: { readonly STREAM_SILENCE_SECONDS: number }
  /** Whether the embedded engine is behind it. */
  readonly isEmbedded: boolean
}

/** A list that is longer is for the API, which has pages. */
const maxKeys = 1000
const keysOfPage = 100

/**
 * Does what an operator asks for. Answers what can be written as JSON. Throws a ChatError where it is refused.
 */
async function answerOperator(app: OperatorApp, call: OperatorCall): Promise<object> {
  const actor: Backend = { kind: 'backend', accountId: app.accountId }
  switch (call.name) {
    case 'token':
      return { identity: call.identity, ...(await createAccessToken(app, actor, call)) }
    case 'listKeys':
      return { keys: (await readAllKeys(app, actor)).map(toKey) }
    case 'createKey': {
      const { apiKey, secret } = await createApiKey(app, actor, call)
      return { ...toKey(apiKey), secret }
    }
    case 'deleteKey':
      return toKey(await deleteApiKey(app, actor, call.id))
    case 'doctor':
      return inspectDatabase(app.db, {
        isEmbedded: app.isEmbedded,
        silenceSeconds: app.config.STREAM_SILENCE_SECONDS,
      })
  }
}

async function readAllKeys(app: OperatorApp, actor: Backend): Promise<ApiKeyRow[]> {
  const keys: ApiKeyRow[] = []
  while (keys.length < maxKeys) {
    const page = await listApiKeys(app, actor, { first: keysOfPage, after: keys.at(-1)?.id })
    keys.push(...page.items)
    if (!(await page.hasNextPage())) break
  }
  return keys
}

function toKey({ id, friendlyName, createdAt, lastUsedAt }: ApiKeyRow): object {
  return { sid: id, friendlyName, createdAt, lastUsedAt }
}

const answer = z.union([z.object({ result: z.looseObject({}) }), z.object({ refusal: z.string() })])

/** The same for a call that came as JSON from another process. */
export async function answerOperatorCall(app: OperatorApp, text: string): Promise<string> {
  const call = operatorCall.parse(JSON.parse(text))
  try {
    return JSON.stringify({ result: await answerOperator(app, call) })
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    return JSON.stringify({ refusal: error.message })
  }
}

/** Says why what was asked for was not done. */
export class OperatorRefusal extends Error {
  override readonly name = 'OperatorRefusal'
}

/** What was answered; throws the refusal. */
export function readOperatorAnswer(text: string): object {
  const read = answer.parse(JSON.parse(text))
  if ('refusal' in read) throw new OperatorRefusal(read.refusal)
  return read.result
}
