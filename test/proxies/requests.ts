import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request from this address of the machine, with these headers line by line, and with its body in chunks where it is to have no length. */
export async function sendFrom(
  localAddress: string,
  url: string,
  {
    headers = {},
    method = 'GET',
    chunks = [],
  }: { headers?: Record<string, string | readonly string[]>; method?: string; chunks?: readonly string[] } = {},
): Promise<Reply> {
  const sending = request(url, { localAddress, method, headers: headers as Record<string, string | string[]> })
  const answered = once(sending, 'response')
  // A proxy that has answered may close before it has read all.
  sending.on('error', () => {})
  for (const chunk of chunks) sending.write(chunk)
  sending.end()
  const [response] = (await answered) as [IncomingMessage]
  return {
    status: response.statusCode!,
    headers: response.headers,
    body: await text(response).catch(() => ''),
  }
}

/** A request over HTTP/2. */
export async function sendOverHttp2(url: string, headers: Record<string, string>, body?: string): Promise<Reply> {
  const session = connect(url)
  try {
    const stream = session.request({ ':path': '/', ...headers })
    stream.end(body)
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }]
    return { status: answer[':status'] ?? 0, headers: answer, body: await text(stream) }
  } finally {
    session.close()
  }
}
