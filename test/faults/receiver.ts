import { print } from 'graphql'
import { createClient, type Client } from 'graphql-ws'
import { WebSocket } from 'ws'
import { EventsDocument, MessageBodiesDocument, type EventsSubscription } from '../../schema/generated/graphql.ts'

/** What one connection received: indexes with bodies, in order. */
export type Connection = { readonly index: number; readonly body: string }[]

/** A reader of one channel that logs all it receives, connection by connection. */
export interface Receiver {
  readonly name: string
  readonly channelId: string
  readonly connections: readonly Connection[]
  /**
   * It was a member before the message with this index was sent, so that it must have that one and all later ones. Undefined for one
   * of several devices of a member, which begins wherever the others have come when it first appears.
   */
  readonly joinedBy: number | undefined
  /** Whether a message may come again after a reconnect: only where the server decides from where to go on. */
  readonly mayRepeat: boolean
  /** Cuts the socket without a word. */
  cut(): void
  /** Stops reading, as a client does whose machine is overloaded; or goes on. */
  stall(isStalled: boolean): void
  dispose(): void
}

interface Options {
  readonly name: string
  readonly urls: readonly string[]
  readonly token: string
  readonly channelId: string
  readonly joinedBy: number | undefined
  /** Picks the server for each connection. */
  readonly random: () => number
}

function openClient(
  { urls, token, name, random }: Options,
  retryAttempts: number,
  onOpen: (socket: WebSocket) => void,
): Client {
  return createClient({
    url: () => `${urls[Math.floor(random() * urls.length)]!.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token, deviceId: name },
    retryAttempts,
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50 + random() * 200)),
    on: { opened: (socket) => onOpen(socket as WebSocket) },
  })
}

/** A stock client that only names its device and connects again by itself. */
export function receiveAsDevice(options: Options): Receiver {
  const connections: Connection[] = []
  let socket: WebSocket | undefined
  const client = openClient(options, Infinity, (opened) => {
    socket = opened
    connections.push([])
  })
  client.subscribe<{ messageAdded: { index: number; body: string } }>(
    { query: print(MessageBodiesDocument), variables: { channelId: options.channelId } },
    {
      next: ({ data }) => connections.at(-1)!.push(data!.messageAdded),
      error: (error) => connections.push([{ index: -1, body: `ended: ${JSON.stringify(error)}` }]),
      complete: () => {},
    },
  )
  return {
    name: options.name,
    channelId: options.channelId,
    joinedBy: options.joinedBy,
    connections,
    mayRepeat: true,
    cut: () => socket?.terminate(),
    stall: (isStalled) => (isStalled ? socket?.pause() : socket?.resume()),
    dispose: () => void client.dispose(),
  }
}

/** A client of `events` that keeps the cursor itself and brings it to each new subscription: nothing may come twice. */
export function receiveWithCursor(options: Options): Receiver {
  const connections: Connection[] = []
  let socket: WebSocket | undefined
  let cursor: string | undefined
  let isDone = false
  const client = openClient(options, 0, (opened) => {
    socket = opened
  })
  const subscribe = (): void => {
    if (isDone) return
    connections.push([])
    const again = (): void => void setTimeout(subscribe, 50 + options.random() * 200)
    client.subscribe<EventsSubscription>(
      { query: print(EventsDocument), variables: { channelId: options.channelId, after: cursor } },
      {
        next: ({ data }) => {
          const event = data?.events
          if (!event || event.__typename === 'ReceiptsUpdated') return
          cursor = event.cursor
          if (event.__typename === 'MessageAdded') connections.at(-1)!.push(event.message)
        },
        error: again,
        complete: again,
      },
    )
  }
  subscribe()
  return {
    name: options.name,
    channelId: options.channelId,
    joinedBy: options.joinedBy,
    connections,
    mayRepeat: false,
    cut: () => socket?.terminate(),
    stall: (isStalled) => (isStalled ? socket?.pause() : socket?.resume()),
    dispose: () => {
      isDone = true
      void client.dispose()
    },
  }
}
