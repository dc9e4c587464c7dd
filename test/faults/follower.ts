import { print } from 'graphql'
import { createClient, type Client } from 'graphql-ws'
import { WebSocket } from 'ws'
import { EventsDocument, MessageBodiesDocument, type EventsSubscription } from '../../schema/generated/graphql.ts'

/** What a follower has received. */
export type FollowedEvent =
  | { readonly type: 'added' | 'updated' | 'removed'; readonly index: number; readonly body: string }
  | { readonly type: 'joined' | 'left'; readonly identity: string }
  /** The database went back, to before this message or, where it does not say, to where the server decides. */
  | { readonly type: 'wentBack'; readonly from?: number }
  | { readonly type: 'opened' }

export interface FollowerOptions {
  readonly name: string
  readonly channelId: string
  readonly token: string
  /** The processes that may be connected to. */
  readonly urls: () => readonly string[]
  readonly random: () => number
}

/** After these a client gives up, or has learned that its credentials are wrong: neither may come of a fault behind the server. */
const wrongCloseCodes = new Set([1009, 4400, 4401, 4403, 4409, 4429, 4500])

/** A client that follows one channel for as long as it can, and writes down what it receives. */
export abstract class Follower {
  readonly name: string
  readonly channelId: string
  readonly events: FollowedEvent[] = []
  /** How it was turned away, where no client should be. */
  readonly complaints: string[] = []
  /** The furthest message that it knows of, and where its cursor stands. */
  index = -1
  seq = 0
  /** The channel as it knows it: undefined is a message that was deleted. */
  readonly bodies = new Map<number, string | undefined>()
  readonly present = new Set<string>()
  protected readonly options: FollowerOptions
  protected isDone = false

  constructor(options: FollowerOptions) {
    this.options = options
    this.name = options.name
    this.channelId = options.channelId
  }

  protected openClient(retryAttempts: number, onOpened: () => void): Client {
    const { urls, token, name, random } = this.options
    return createClient({
      url: () => {
        const known = urls()
        return `${known[Math.floor(random() * known.length)]!.replace('http', 'ws')}/graphql`
      },
      webSocketImpl: WebSocket,
      connectionParams: { token, deviceId: name },
      retryAttempts,
      shouldRetry: () => true,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 50 + random() * 200)),
      on: {
        opened: onOpened,
        closed: (event) => {
          const { code, reason } = event as { code?: number; reason?: string }
          if (code !== undefined && wrongCloseCodes.has(code)) this.complain(`closed with ${code} ${reason}`)
        },
      },
    })
  }

  protected complain(what: string): void {
    if (!this.isDone) this.complaints.push(what)
  }

  protected record(event: FollowedEvent): void {
    this.events.push(event)
    if (event.type === 'added') this.index = Math.max(this.index, event.index)
    if (event.type === 'added' || event.type === 'updated') this.bodies.set(event.index, event.body)
    if (event.type === 'removed') this.bodies.set(event.index, undefined)
    if (event.type === 'joined') this.present.add(event.identity)
    if (event.type === 'left') this.present.delete(event.identity)
  }

  /** Whether it receives everything, and not only of new messages. */
  abstract readonly receivesAll: boolean
  abstract dispose(): void
}

/** A stock client that names its device and leaves everything else to its library. */
export class DeviceFollower extends Follower {
  readonly receivesAll = false
  readonly #client: Client

  constructor(options: FollowerOptions) {
    super(options)
    this.#client = this.openClient(Infinity, () => this.record({ type: 'opened' }))
    this.#subscribe()
  }

  #subscribe(): void {
    if (this.isDone) return
    this.#client.subscribe<{ messageAdded: { index: number; body: string } }>(
      { query: print(MessageBodiesDocument), variables: { channelId: this.channelId } },
      {
        next: ({ data, errors }) => {
          if (data) this.record({ type: 'added', ...data.messageAdded })
          else this.complain(`received ${JSON.stringify(errors)}`)
        },
        // After anything else a stock client never asks again.
        error: (error) => {
          if (!wentBack(error)) return this.complain(`ended with ${describe(error)}`)
          this.record({ type: 'wentBack' })
          setTimeout(() => this.#subscribe(), 100)
        },
        complete: () => this.complain('completed'),
      },
    )
  }

  dispose(): void {
    this.isDone = true
    void this.#client.dispose()
  }
}

/** A client of `events` that keeps the cursor, and brings it to each new subscription. */
export class CursorFollower extends Follower {
  readonly receivesAll = true
  /** What it has put together of each message, and how often which reaction was added. */
  readonly texts = new Map<string, string>()
  readonly reactions = new Map<string, readonly { readonly reaction: string; readonly count: number }[]>()
  readonly #client: Client
  #cursor: string | undefined

  constructor(options: FollowerOptions) {
    super(options)
    this.#client = this.openClient(0, () => {})
    this.#subscribe()
  }

  #subscribe(): void {
    if (this.isDone) return
    this.record({ type: 'opened' })
    const again = (): void => void setTimeout(() => this.#subscribe(), 50 + this.options.random() * 200)
    this.#client.subscribe<EventsSubscription>(
      { query: print(EventsDocument), variables: { channelId: this.channelId, after: this.#cursor } },
      {
        next: ({ data }) => data && this.#onEvent(data.events),
        error: (error) => {
          if (Array.isArray(error) && !error.every(isUnavailable)) this.complain(`ended with ${describe(error)}`)
          again()
        },
        complete: () => {
          this.complain('completed')
          again()
        },
      },
    )
  }

  #onEvent(event: EventsSubscription['events']): void {
    // The document has no fragment on it.
    if (event.__typename === 'ReceiptsUpdated') return this.complain('received receipts')
    this.#cursor = event.cursor
    this.seq = Math.max(this.seq, Number.parseInt(event.cursor.split('.')[2]!, 36))
    this.#readText(event)
    switch (event.__typename) {
      case 'MessageAdded':
        return this.record({ type: 'added', index: event.message.index, body: event.message.body })
      case 'MessageUpdated':
        return this.record({ type: 'updated', index: event.message.index, body: event.message.body })
      case 'MessageRemoved':
        return this.record({ type: 'removed', index: event.message.index, body: event.message.body })
      case 'MemberJoined':
        return this.record({ type: 'joined', identity: event.member.identity })
      case 'MemberLeft':
        return this.record({ type: 'left', identity: event.member.identity })
      case 'Gap':
        return this.record({ type: 'wentBack', from: event.from })
      case 'Ready':
      case 'MemberUpdated':
      case 'ChannelUpdated':
      case 'ChannelTruncated':
      case 'ChannelRemoved':
      case 'TypingStarted':
      case 'TypingEnded':
      case 'ThreadTypingStarted':
      case 'ThreadTypingEnded':
      case 'ReactionsUpdated':
      case 'MessageAppended':
      case 'MessageFinished':
    }
  }

  #readText(event: EventsSubscription['events']): void {
    if (event.__typename === 'MessageAdded') this.texts.set(event.message.id, event.message.body)
    else if (event.__typename === 'MessageAppended') {
      const { messageId, offset, text } = event
      const known = this.texts.get(messageId)
      if (known === undefined || offset > known.length) this.complain(`lacks what is before ${offset} of ${messageId}`)
      const whole = (known ?? '').slice(0, offset) + text
      if (!whole.isWellFormed()) this.complain(`has half a character of ${messageId}`)
      this.texts.set(messageId, whole)
    } else if (event.__typename === 'MessageFinished') {
      const { id, body } = event.message
      if (this.texts.get(id) !== body) this.complain(`has put together another text than ${id} is`)
      this.texts.set(id, body)
    } else if (event.__typename === 'MessageUpdated' || event.__typename === 'ReactionsUpdated') {
      this.reactions.set(event.message.id, event.message.reactions)
    }
  }

  dispose(): void {
    this.isDone = true
    void this.#client.dispose()
  }
}

const codeOf = (error: unknown) => (error as { extensions?: { code?: string } }).extensions?.code

const isUnavailable = (error: unknown): boolean => codeOf(error) === 'UNAVAILABLE'

/** What a stream of messages ends with when some of what it has delivered may be lost. */
const wentBack = (error: unknown): boolean => Array.isArray(error) && error.every((one) => codeOf(one) === 'CONFLICT')

function describe(error: unknown): string {
  if (Array.isArray(error)) return JSON.stringify(error)
  const { code, reason, message } = error as { code?: number; reason?: string; message?: string }
  return code === undefined ? (message ?? 'an error') : `${code} ${reason}`
}
