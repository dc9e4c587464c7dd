import type { IncomingMessage } from 'node:http'
import { BodyError, readBody } from '../http/body.ts'
import { RestError } from './errors.ts'
import { parseForm, type Form } from './form.ts'

const none: Form = new Map()

/** Reads the form in a request's body. Another type of body has no parameters. */
export async function readForm(request: IncomingMessage): Promise<Form> {
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '')
  try {
    const text = await readBody(request)
    return isForm ? parseForm(text) : none
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    throw new RestError(error.status, 20001, error.message, error.headers)
  }
}
