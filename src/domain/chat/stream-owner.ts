import { setTimeout as delay } from 'node:timers/promises'
import { topics, type Bus } from '../../live/bus.ts'
import { ChatError, badInput } from '../../model/error.ts'
import type { DurableEvent, TextHint } from '../../model/event.ts'
import { limits } from '../../model/limits.ts'
import type { ChannelId, MessageId, ServiceId } from '../../model/sid.ts'
import { differenceOf } from '../../model/text-difference.ts'
import type { Db } from '../../store/engine/db.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { takeStream, type StoredStream, type StreamClaim } from '../../store/message-stream.ts'
import type { Clock } from '../clock.ts'
import type { DecidedText } from '../moderation/keyword-tail.ts'
import type { FeedRegistry } from '../realtime/feed-registry.ts'
import type { Feed } from '../realtime/feed.ts'
import { OwnedStream, type Appended, type HandedOver } from './owned-stream.ts'
import { RollUp } from './roll-up.ts'
import { TextWriter } from './text-writer.ts'

/** Texts that one process writes. Each may have as many bytes as a body. */
const maxStreams = 1000

interface OwnerParts {
  /** What this process is called as an owner. */
  readonly id: string
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly feeds: FeedRegistry<Feed>
  /** What the service's keyword rules leave of a text so far; undefined while they have not decided. */
  readonly decide: (stream: OwnedStream) => Promise<DecidedText | undefined>
  /** Called when they refuse it. */
  readonly onRefused: (stream: OwnedStream) => void
  readonly onError: (error: unknown) => void
}

/**
 * The texts that this process writes, in memory. What is appended is published in pieces, each of what has come since the last one, and stored every two
 * seconds in one statement for all, under the epoch of each: one that another process has taken over, or that has ended, is dropped. So an append costs no
 * statement, and a process that dies loses what was not stored yet, which its writer sends again.
 */
export class StreamOwner {
  /** What this process is called as an owner. */
  readonly id: string
  readonly #parts: OwnerParts
  readonly #byId = new Map<MessageId, OwnedStream>()
  readonly #takings = new Map<MessageId, Promise<OwnedStream | undefined>>()
  /** Writes what is new every two seconds. */
  readonly writer: TextWriter
  readonly #rollUp = new RollUp<OwnedStream>((stream) => this.#roll(stream))
  #isClosed = false

  constructor(parts: OwnerParts) {
    this.id = parts.id
    this.#parts = parts
    this.writer = new TextWriter({ ...parts, onLost: (stream) => this.drop(stream) })
  }

  get size(): number {
    return this.#byId.size
  }

  get(messageId: string): OwnedStream | undefined {
    return this.#byId.get(messageId as MessageId)
  }

  /** Throws RATE_LIMITED when this process writes as many texts as it may, in all or of one user. */
  assertRoom(user?: { readonly serviceId: ServiceId; readonly identity: string }): void {
    if (this.#isClosed) throw stopping()
    if (this.#byId.size >= maxStreams) {
      throw new ChatError('RATE_LIMITED', `this process writes ${maxStreams} texts already; try again later`)
    }
    if (user && this.#countOf(user) >= limits.userStreams) {
      throw new ChatError('RATE_LIMITED', `a user has at most ${limits.userStreams} texts that are being written`)
    }
  }

  #countOf({ serviceId, identity }: { readonly serviceId: ServiceId; readonly identity: string }): number {
    let count = 0
    for (const stream of this.#byId.values()) {
      if (stream.author === identity && stream.serviceId === serviceId) count++
    }
    return count
  }

  /** Becomes the writer of a text. What is visible of it is published as a whole. */
  begin(stored: StoredStream): OwnedStream {
    const stream = new OwnedStream(stored)
    this.#byId.set(stream.messageId, stream)
    if (stream.text !== '' || stream.epoch > 1) this.#rollUp.add(stream)
    void this.#hold(stream)
    return stream
  }

  /**
   * Becomes the writer of a text of another process, once for all who ask at the same moment. Undefined where it has ended, or is not silent since the time
   * that is given. Throws RATE_LIMITED.
   */
  async take(
    key: Omit<StreamClaim, 'epoch'>,
    silentSince?: Date,
    handedOver?: HandedOver,
  ): Promise<OwnedStream | undefined> {
    const known = this.#takings.get(key.messageId)
    if (known) return known
    this.assertRoom()
    const taking = this.#take(key, silentSince, handedOver)
    this.#takings.set(key.messageId, taking)
    try {
      return await taking
    } finally {
      this.#takings.delete(key.messageId)
    }
  }

  async #take(
    key: Omit<StreamClaim, 'epoch'>,
    silentSince: Date | undefined,
    handedOver: HandedOver | undefined,
  ): Promise<OwnedStream | undefined> {
    const { db, clock } = this.#parts
    const taken = await takeStream(db, key, { owner: this.id, appendedAt: new Date(clock.now()), silentSince })
    if (!taken) return undefined
    // What was handed over is newer than what is stored, unless somebody else has been the owner since.
    const isNext = handedOver?.epoch === taken.epoch - 1
    const stream = this.begin(isNext ? { ...taken, ...handedOver, epoch: taken.epoch } : taken)
    stream.storedLength = taken.text.length
    if (stream.text !== taken.text) this.writer.add(stream)
    return stream
  }

  async #hold(stream: OwnedStream): Promise<void> {
    const { feeds, onError } = this.#parts
    try {
      const feed = await feeds.hold(stream.channelId)
      if (stream.isDropped) feeds.release(feed)
      else stream.feed = feed
    } catch (error) {
      if (!isUnavailable(error)) onError(error)
    }
  }

  /** Nothing of it is written any more. */
  drop(stream: OwnedStream): void {
    if (stream.isDropped) return
    stream.isDropped = true
    if (this.#byId.get(stream.messageId) === stream) this.#byId.delete(stream.messageId)
    this.writer.delete(stream)
    this.#rollUp.delete(stream)
    if (stream.feed) this.#parts.feeds.release(stream.feed)
  }

  /**
   * Takes nothing of a text that is being ended: whether it has ended is known then. Throws BAD_USER_INPUT when the text becomes too long, and CONFLICT with the
   * right offset for another one.
   */
  append(stream: OwnedStream, offset: number, text: string, hasRules: boolean): Appended | 'ending' {
    const { length } = stream.text
    // What came after the last write would be lost.
    if (this.#isClosed) throw stopping()
    if (stream.ending) return 'ending'
    if (offset !== length) throw wrongOffset(length)
    const bytes = stream.bytes + Buffer.byteLength(text)
    if (bytes > limits.bodyBytes) {
      throw badInput(`the text must not be longer than ${limits.bodyBytes} bytes`, 'text', 50504)
    }
    stream.text += text
    stream.bytes = bytes
    stream.hasRules ||= hasRules
    if (!stream.hasRules) stream.visible = stream.text
    stream.appendedAt = performance.now()
    this.#rollUp.add(stream)
    this.writer.add(stream)
    return { length: length + text.length, durableOffset: stream.storedLength }
  }

  #roll(stream: OwnedStream): void {
    if (stream.hasRules) stream.deciding ??= this.#decide(stream)
    else this.#publish(stream)
  }

  /** What takes long rests for as long. */
  async #decide(stream: OwnedStream): Promise<void> {
    const { text } = stream
    try {
      const began = performance.now()
      const decided = await this.#parts.decide(stream)
      if (stream.isDropped || stream.ending) return
      if (decided?.isRefused) return this.#parts.onRefused(stream)
      if (decided && decided.visible !== stream.visible) {
        stream.visible = decided.visible
        // What was appended may be stored already, with less of it visible.
        this.writer.add(stream)
      }
      this.#publish(stream)
      await delay(performance.now() - began)
    } catch (error) {
      if (!isUnavailable(error)) this.#parts.onError(error)
    } finally {
      stream.deciding = undefined
      if (stream.text !== text && !stream.isDropped) this.#rollUp.add(stream)
    }
  }

  /** Stops writing a text, and answers all of it to the process that goes on; not while it is being ended here. */
  handOver(stream: OwnedStream): HandedOver | 'ending' {
    if (stream.ending) return 'ending'
    this.drop(stream)
    const { epoch, text, visible: body } = stream
    return { epoch, text, body }
  }

  #publish(stream: OwnedStream): void {
    const { messageId, index, epoch, visible, pieces } = stream
    const difference = pieces === 0 ? { offset: 0, text: visible } : differenceOf(stream.published, visible)
    if (!difference) return
    stream.published = visible
    stream.pieces++
    const hint: TextHint = { type: 'text', messageId, index, epoch, number: pieces, ...difference }
    this.#parts.bus.publish(topics.channel(stream.channelId), hint)
  }

  textsOf(channelId: ChannelId): readonly TextHint[] {
    return Array.from(this.#byId.values()).flatMap((stream) => {
      const { messageId, index, epoch, pieces, published: text } = stream
      return stream.channelId === channelId && pieces > 0
        ? { type: 'text', messageId, index, epoch, number: pieces - 1, offset: 0, text }
        : []
    })
  }

  /** Another process has taken it over. */
  onText({ messageId, epoch }: TextHint): void {
    const stream = this.#byId.get(messageId)
    if (stream && stream.epoch < epoch) this.drop(stream)
  }

  onEvent(channelId: ChannelId, event: DurableEvent): void {
    if (this.#byId.size === 0) return
    if (event.type === 'messageRemoved' || event.type === 'messageFinished') {
      const stream = this.#byId.get(event.message.id)
      if (stream) this.drop(stream)
    }
    const below = event.type === 'channelTruncated' ? event.truncation.channel.firstIndex : Infinity
    if (event.type !== 'channelTruncated' && event.type !== 'channelRemoved') return
    for (const stream of this.#byId.values()) {
      if (stream.channelId === channelId && stream.index < below) this.drop(stream)
    }
  }

  /** Those to which nothing was appended for so long, in milliseconds. */
  silentFor(milliseconds: number): OwnedStream[] {
    return Array.from(this.#byId.values()).filter((stream) => this.isSilent(stream, milliseconds))
  }

  isSilent({ appendedAt, ending, isDropped }: OwnedStream, milliseconds: number): boolean {
    return appendedAt < performance.now() - milliseconds && !ending && !isDropped
  }

  /** Stores what is new, for whoever takes the texts over. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#rollUp.close()
    await this.writer.close()
    for (const stream of this.#byId.values()) this.drop(stream)
  }
}

export const wrongOffset = (currentOffset: number): ChatError =>
  new ChatError('CONFLICT', `the text goes on at ${currentOffset}`, undefined, { currentOffset })

const stopping = (): ChatError => new ChatError('UNAVAILABLE', 'the server is stopping; try again')
