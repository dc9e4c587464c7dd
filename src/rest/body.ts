import type { IncomingMessage } from 'node:http'
import { RestError } from './errors.ts'
import { parseForm, type Form } from './form.ts'

/** Larger than any form with the largest body and attributes. */
const mostBytes = 1024 * 1024

const none: Form = new Map()

/** The form in a request's body. A body of another kind has no parameters; one that is too long is not read to its end. */
export async function readForm(request: IncomingMessage): Promise<Form> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLong()
  const body = await readBody(request)
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '')
  return isForm ? parseForm(body.toString('utf8')) : none
}

/** Not by `for await`: leaving such a loop early closes the socket, and with it the way of the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const onData = (chunk: Buffer): void => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= mostBytes) return
      request.off('data', onData).pause()
      reject(tooLong())
    }
    request.on('data', onData)
    request.once('end', () => resolve(Buffer.concat(chunks, length)))
    request.once('error', () => reject(new RestError(400, 20001, 'The request was cut off')))
  })
}

function tooLong(): RestError {
  return new RestError(413, 20001, `A request must not be longer than ${mostBytes} bytes`, { connection: 'close' })
}
