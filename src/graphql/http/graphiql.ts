import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Logger } from '../../config/logger.ts'
import { chooseEncoding, compressors, type Encoding } from '../../http/compression.ts'

/** Whether a browser opens `/graphql`. */
export function isForGraphiql({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html')
}

/**
 * GraphiQL in one page, which loads nothing else. It is 9 MB long: made for the first request, compressed once for each
 * encoding, and cached by the browser for as long as it stays the same.
 */
export function createGraphiql(logger: Logger): RequestListener {
  let page: Promise<Page> | undefined
  return (request, response) => {
    const send = async (): Promise<void> => {
      const { body, etag, headers } = await (await (page ??= render())).in(chooseEncoding(encodingsOf(request)))
      if (request.headers['if-none-match']?.includes(etag)) return void response.writeHead(304, headers).end()
      response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
    }
    send().catch((error: unknown) => {
      page = undefined
      logger.error({ err: error }, 'GraphiQL cannot be shown')
      response.destroy()
    })
  }
}

function encodingsOf({ headers }: IncomingMessage): string {
  return headers['accept-encoding']?.toString() ?? ''
}

async function render(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  return new Page(
    renderGraphiQL({
      title: 'fonechat',
      defaultQuery: exampleOperations,
      // Over WebSocket GraphiQL would not send the credentials.
      subscriptionsProtocol: 'SSE',
      // They hold credentials.
      shouldPersistHeaders: false,
    }),
  )
}

class Page {
  readonly #plain: Buffer<ArrayBuffer>
  readonly #hash: string
  readonly #policy: string
  readonly #compressed = new Map<Encoding, Promise<Buffer>>()

  constructor(html: string) {
    this.#plain = Buffer.from(html)
    this.#hash = hashOf(html)
    // The editor sets styles as it goes, and runs its workers from blobs.
    this.#policy = [
      "default-src 'none'",
      `script-src 'sha256-${hashOf(scriptOf(html))}'`,
      'worker-src blob:',
      "style-src 'unsafe-inline'",
      'img-src data:',
      'font-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; ')
  }

  async in(encoding: Encoding | undefined) {
    const etag = `"${this.#hash}${encoding ? `-${encoding}` : ''}"`
    return {
      body: encoding ? await this.#compress(encoding) : this.#plain,
      etag,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        ...(encoding && { 'content-encoding': encoding }),
        etag,
        'cache-control': 'no-cache',
        vary: 'accept, accept-encoding',
        'content-security-policy': this.#policy,
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      },
    }
  }

  #compress(encoding: Encoding): Promise<Buffer> {
    let compressed = this.#compressed.get(encoding)
    if (!compressed) {
      compressed = compressors[encoding](this.#plain)
      this.#compressed.set(encoding, compressed)
    }
    return compressed
  }
}

/** The one script of the page, as a browser reads it. */
function scriptOf(html: string): string {
  const begin = html.indexOf('<script>') + '<script>'.length
  return html.slice(begin, html.indexOf('</script>', begin)).replace(/\r\n?/g, '\n')
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

const exampleOperations = `# Welcome to fonechat.
#
# Put your credentials below, under "Headers":
#
#   { "Authorization": "Bearer …" }
#     as a user, with a token from
#     createAccessToken
#   { "Authorization": "Basic …" }
#     as the backend, with base64 of
#     account SID:auth token

query Me {
  viewer { kind identity service { id friendlyName } }
}

# Backend: a token for alice.
mutation Token {
  createAccessToken(input: { identity: "alice" }) { token expiresAt }
}

mutation Send {
  sendMessage(input: { channelId: "general", body: "Draw the owl!" }) {
    message { id index body authorIdentity createdAt }
  }
}

query History {
  channel(id: "general") {
    friendlyName membersCount messagesCount
    messages(last: 25) { nodes: edges { node { index body authorIdentity } } }
  }
}

# Keep this running, and send from another tab.
subscription Live {
  messageAdded(channelId: "general") { index body authorIdentity }
}
`
