import type { ChannelId, MessageId, ServiceId } from '../../model/sid.ts'
import type { StoredStream, StreamClaim } from '../../store/message-stream.ts'
import type { Feed } from '../realtime/feed.ts'

/** What an append has led to. */
export interface Appended {
  /** Of the text, in UTF-16 code units. */
  readonly length: number
  /** Up to where it is stored. */
  readonly durableOffset: number
}

/** A text that its owner has stopped writing. */
export type HandedOver = Pick<StoredStream, 'epoch' | 'text' | 'body'>

/** A text that this process writes. */
export class OwnedStream implements StreamClaim {
  readonly serviceId: ServiceId
  readonly channelId: ChannelId
  readonly messageId: MessageId
  readonly epoch: number
  readonly index: number
  readonly author: string
  readonly origin: string
  /** What was appended. */
  text: string
  bytes: number
  storedLength: number
  /** What may be seen of it. */
  visible: string
  /** What was published of that, in so many pieces. */
  published = ''
  pieces = 0
  /** Keyword rules may hold back some of it. */
  hasRules: boolean
  deciding: Promise<void> | undefined
  /** By the monotonic clock. */
  appendedAt = performance.now()
  /** Set while it is being ended. Nothing is appended any more. */
  ending: Promise<unknown> | undefined
  /** Held, so that feeds that open elsewhere are answered. */
  feed: Feed | undefined
  isDropped = false

  constructor({ serviceId, channelId, messageId, epoch, index, author, origin, text, body }: StoredStream) {
    this.serviceId = serviceId
    this.hasRules = text !== body
    this.channelId = channelId
    this.messageId = messageId
    this.epoch = epoch
    this.index = index
    this.author = author
    this.origin = origin
    this.text = text
    this.bytes = Buffer.byteLength(text)
    this.storedLength = text.length
    this.visible = body
  }
}
