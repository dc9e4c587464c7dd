import { createConnection } from '../../src/glue/connection.ts'

// A page with one subscription over the connection that the glue makes.
const closes: number[] = []
const shown: string[] = []

class LoggedSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    this.addEventListener('close', ({ code }) => closes.push(code))
  }
}

interface Event {
  readonly __typename: string
  readonly message?: { readonly body: string }
}

function start(token: string): void {
  const url = new URL('/graphql', location.href).href
  const connection = createConnection({ url, token: () => token, webSocketImpl: LoggedSocket })
  connection.subscribe<{ readonly events: Event }>(
    { query: 'subscription { events { __typename ... on MessageAdded { message { body } } } }' },
    {
      next: ({ data }) => shown.push(data?.events.message?.body ?? data!.events.__typename),
      error: (error) => reportError(error),
      complete: () => {},
    },
  )
}

addEventListener('pageshow', (event) => event.persisted && shown.push('restored'))
Object.assign(globalThis, { tab: { closes, shown, start } })
