import type { IncomingMessage } from 'node:http'

/** Larger than any request with the largest body and attributes. */
const bodyBytes = 1024 * 1024

/** A body could not be read. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly status: 400 | 413
  /** Closes the connection: the rest of a body that is too long must not be taken for the next request. */
  readonly headers: Readonly<Record<string, string>>

  constructor(status: 400 | 413, message: string) {
    super(message)
    this.status = status
    this.headers = status === 413 ? { connection: 'close' } : {}
  }
}

/**
 * Reads a request's body as text, with a given length or in chunks. Rejects with BodyError. A body that is too long is not read to its end.
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) throw tooLong()
  const bytes = await readBytes(request)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new BodyError(400, 'the body of a request must be UTF-8')
  }
}

/** Without `for await`: leaving such a loop early closes the socket, and then no answer can be sent. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const onData = (chunk: Buffer): void => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= bodyBytes) return
      request.off('data', onData).pause()
      reject(tooLong())
    }
    request.on('data', onData)
    request.once('end', () => resolve(Buffer.concat(chunks, length)))
    request.once('error', () => reject(new BodyError(400, 'the request was cut off')))
  })
}

function tooLong(): BodyError {
  return new BodyError(413, `a request must not be longer than ${bodyBytes} bytes`)
}
