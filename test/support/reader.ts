import type { App } from '../../src/domain/app.ts'
import { authenticate } from '../../src/domain/chat/sign-in.ts'
import type { Rendering, Sink, FeedEvent } from '../../src/domain/realtime/group.ts'
import { Stream, type StreamRequest } from '../../src/domain/realtime/stream.ts'
import type { Position } from '../../src/model/cursor.ts'
import type { ChatError } from '../../src/model/error.ts'
import { extrasChangesSince } from '../../src/model/message.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import type { Caller } from './kit.ts'
import { waitFor } from './wait.ts'

/** An event that a reader received, and the position it had reached with it. */
export interface Line {
  readonly event: FeedEvent
  readonly position: Position
}

export interface ReaderOptions {
  readonly deviceId?: string
  readonly wants?: Rendering<Line>['wants']
  /** Readers with the same key share a group. */
  readonly key?: string
  /** Instead of rendering at once. */
  readonly render?: (line: Line) => Line | Promise<Line>
  readonly drained?: Sink<Line>['drained']
  /** Between listening and reading. */
  readonly onReady?: () => Promise<void>
}

let readers = 0

/** A subscription without a transport: the test sees each event as it is written, and can make the reader wait. */
export class Reader {
  readonly lines: Line[] = []
  reason: ChatError | undefined
  readonly #app: App
  readonly #key: string
  #stream: Stream<Line> | undefined

  private constructor(app: App, key: string) {
    this.#app = app
    this.#key = key
  }

  /** Subscribes as the caller, and answers once the server has accepted. */
  static async open(
    app: App,
    caller: Caller,
    request: Partial<StreamRequest> & { readonly channelId?: string },
    options: ReaderOptions = {},
  ): Promise<Reader> {
    const {
      deviceId,
      wants = (type) => type !== 'receiptsUpdated',
      key = `reader-${++readers}`,
      render = (line) => line,
      drained,
    } = options
    const reader = new Reader(app, key)
    const actor = await authenticate(app, caller.authorization, '127.0.0.1', deviceId)
    reader.#stream = await Stream.open<Line>(app, actor, {
      request: { mode: 'everything', ...request },
      rendering: () => ({
        key,
        points: 0,
        wants: (type) => wants(type) && (request.mode !== 'messages' || type === 'messageAdded'),
        render: (event, { position }) => render({ event, position }),
      }),
      sink: { write: (line) => reader.lines.push(line), drained: drained ?? (() => undefined) },
      onReady: options.onReady,
      onEnd: (reason) => {
        reader.reason = reason
      },
    })
    return reader
  }

  /** Each event as a short text, in the order written. */
  get texts(): string[] {
    return this.lines.map(({ event }) => toText(event))
  }

  async receives(text: string): Promise<void> {
    await waitFor(() => this.texts.includes(text), { interval: 5 }).catch((error: unknown) => {
      throw new Error(`not received: ${text}: ${JSON.stringify(this.texts)}`, { cause: error })
    })
  }

  /** Waits until it has caught up with a channel. */
  async isLive(channelId: string): Promise<void> {
    await waitFor(() => this.#app.feeds.get(channelId as ChannelId)?.groups.has(this.#key), { interval: 2 })
  }

  async ended(): Promise<{ code: string; chatCode: number | undefined }> {
    await waitFor(() => this.reason, { interval: 5 })
    return { code: this.reason!.code, chatCode: this.reason!.chatCode }
  }

  close(): void {
    this.#stream?.close()
  }
}

function toText(event: FeedEvent): string {
  switch (event.type) {
    case 'messageAdded':
      return `${event.message.index} ${event.message.body}`
    case 'messageUpdated':
      return `${event.message.index} = ${event.message.body}`
    case 'messageExtrasUpdated':
      return `${event.message.index} ${extrasChangesSince(event.message.extras, event.since).join()}`
    case 'reactionsUpdated': {
      const each = [
        ...event.added.map((one) => ['+', one] as const),
        ...event.removed.map((one) => ['-', one] as const),
      ]
      return `${event.message.index} ${each.map(([sign, one]) => `${sign}${one.reaction} ${one.identity}`).join()}`
    }
    case 'messageAppended':
      return `${event.index} @${event.offset} ${event.text}`
    case 'messageFinished':
      return `${event.message.index} ${event.message.streamState} ${event.message.body}`
    case 'messageRemoved':
      return `${event.message.index} removed`
    case 'memberJoined':
      return `+${event.member.identity}`
    case 'memberUpdated':
      return `*${event.member.identity}`
    case 'memberLeft':
      return `-${event.member.identity}`
    case 'channelUpdated':
      return `channel ${event.channel.friendlyName}`
    case 'channelRemoved':
      return 'channel removed'
    case 'channelTruncated':
      return `from ${event.truncation.channel.firstIndex}`
    case 'typingStarted':
      return `${event.typing.member.identity} types`
    case 'typingEnded':
      return `${event.typing.member.identity} stops typing`
    case 'threadTypingStarted':
    case 'threadTypingEnded':
      return `${event.typing.member.identity} ${event.type} ${event.typing.parent!.index}`
    case 'receiptsUpdated': {
      const texts = event.receipts.map(
        ({ member, readIndex, deliveredIndex }) => `${member.identity} ${readIndex}/${deliveredIndex}`,
      )
      return `receipts ${texts.join(', ')}`
    }
    case 'gap':
      return `gap ${event.from}-${event.to}`
  }
}
