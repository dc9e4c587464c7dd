import { once } from 'node:events'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { WebSocket } from 'ws'
import { waitFor } from './wait.ts'

interface ProtocolMessage {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}

/** A client that speaks graphql-transport-ws by hand, and so can do what a stock client never does. */
export class RawSocket {
  readonly messages: ProtocolMessage[] = []
  closed: { readonly code: number; readonly reason: string } | undefined
  readonly #webSocket: WebSocket

  private constructor(url: string, answersPings: boolean) {
    this.#webSocket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    this.#webSocket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as ProtocolMessage
      this.messages.push(message)
      if (message.type === 'ping' && answersPings) this.send({ type: 'pong', payload: message.payload })
    })
    this.#webSocket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
    })
    this.#webSocket.on('error', () => {})
  }

  /** A connection that the server has accepted. */
  static async open(
    { url }: { readonly url: string },
    connectionParams: Readonly<Record<string, unknown>>,
    { answersPings = true }: { readonly answersPings?: boolean } = {},
  ): Promise<RawSocket> {
    const socket = new RawSocket(url, answersPings)
    await waitFor(() => socket.#webSocket.readyState === WebSocket.OPEN)
    socket.send({ type: 'connection_init', payload: connectionParams })
    await waitFor(() => socket.messages.some(({ type }) => type === 'connection_ack'))
    return socket
  }

  /** Why the server does not accept a connection. */
  static async openRefused(
    { url }: { readonly url: string },
    connectionParams: Readonly<Record<string, unknown>>,
  ): Promise<RawSocket['closed']> {
    const socket = new RawSocket(url, true)
    await waitFor(() => socket.#webSocket.readyState === WebSocket.OPEN)
    socket.send({ type: 'connection_init', payload: connectionParams })
    await waitFor(() => socket.closed !== undefined)
    return socket.closed
  }

  /** Whatever it is: nobody checks it on this side. */
  send(message: ProtocolMessage): void {
    this.#webSocket.send(JSON.stringify(message))
  }

  /** Sends a ping frame of WebSocket itself, and waits for its pong. */
  async pingFrame(): Promise<void> {
    const answered = once(this.#webSocket, 'pong')
    this.#webSocket.ping()
    await answered
  }

  subscribe<Data, Variables>(
    id: string,
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): () => Data[] {
    this.send({ type: 'subscribe', id, payload: { query: print(document), variables } })
    return () =>
      this.messages
        .filter((message) => message.type === 'next' && message.id === id)
        .map(({ payload }) => (payload as { data: Data }).data)
  }

  /** Stops reading from the network, as an overloaded machine does. */
  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  /** Ends the connection without a close frame. */
  terminate(): void {
    this.#webSocket.terminate()
  }
}
