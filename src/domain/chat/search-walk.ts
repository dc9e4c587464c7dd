import { compareKeys, type SearchHit, type SearchKey } from '../../model/message-search.ts'
import type { MessageKey } from '../../model/message.ts'
import type { ChannelId, ServiceId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import type { SearchedChannel } from '../../store/message-search.ts'
import { walkChannels, walkService, walkThread, type WalkedFor } from '../../store/search-hits.ts'

/** Above all messages. */
export const aboveAll: SearchKey = {
  createdAt: Infinity,
  channelId: `CH${'f'.repeat(32)}` as ChannelId,
  index: Number.MAX_SAFE_INTEGER,
}

/** What one statement looks at. */
const roundRows = 4000

/** The most rows of one channel that a statement looks at when it comes to the channel first. */
const firstRows = 200

/** A message may get its time so much later than its channel does: while it waits for the channel's lock. */
const lockMilliseconds = 30_000

/** Goes back in time through messages, and collects those that match. */
export interface Walk {
  /** How many rows it has looked at. */
  readonly rows: number
  readonly hits: readonly SearchHit[]
  /** Everything from here on is known; undefined when all is. */
  readonly frontier: SearchKey | undefined
  step(): Promise<void>
}

interface Lane {
  readonly channelId: ChannelId
  until: Pick<SearchKey, 'createdAt' | 'index'>
  /** No message that is not known is newer. */
  newest: number
  size: number
}

/** Through some channels, those of the newest messages first: what is read depends on them alone. */
export class ChannelWalk implements Walk {
  readonly #db: Db
  readonly #asked: WalkedFor
  readonly #until: SearchKey
  #lanes: Lane[]
  rows = 0
  readonly hits: SearchHit[] = []

  constructor(db: Db, channels: readonly SearchedChannel[], until: SearchKey, asked: WalkedFor) {
    this.#db = db
    this.#asked = asked
    this.#until = until
    const size = Math.max(10, Math.min(firstRows, Math.floor(roundRows / Math.max(1, channels.length))))
    const from = asked.from?.getTime() ?? -Infinity
    this.#lanes = channels
      .filter(({ lastMessageAt }) => lastMessageAt !== null)
      .map(({ id, lastMessageAt }) => ({
        channelId: id,
        until: untilIn(id, until),
        newest: Math.min(until.createdAt, lastMessageAt!.getTime() + lockMilliseconds),
        size,
      }))
      .filter(({ newest }) => newest >= from)
      .sort((one, other) => other.newest - one.newest)
  }

  get frontier(): SearchKey | undefined {
    const [first] = this.#lanes
    if (!first) return undefined
    return this.#lanes
      .map((lane) => frontierOf(lane, this.#until))
      .reduce((one, other) => (compareKeys(one, other) <= 0 ? one : other))
  }

  async step(): Promise<void> {
    const lanes: Lane[] = []
    for (let rows = 0; lanes.length < this.#lanes.length;) {
      const lane = this.#lanes[lanes.length]!
      rows += lane.size
      if (rows > roundRows && lanes.length > 0) break
      lanes.push(lane)
    }
    const walked = await walkChannels(this.#db, lanes, this.#asked)
    this.rows += walked.rows
    this.hits.push(...walked.hits)
    const open = lanes.filter((lane, at) => {
      const end = walked.ends.get(at)
      if (!end) return false
      lane.until = end
      lane.newest = Math.min(lane.newest, end.createdAt)
      lane.size = Math.min(roundRows, lane.size * 2)
      return true
    })
    this.#lanes = [...open, ...this.#lanes.slice(lanes.length)].sort((one, other) => other.newest - one.newest)
  }
}

/** Where a key stands within one channel. */
function untilIn(channelId: ChannelId, { createdAt, channelId: other, index }: SearchKey): Lane['until'] {
  if (channelId === other) return { createdAt, index }
  return { createdAt, index: channelId < other ? Number.MAX_SAFE_INTEGER : -1 }
}

function frontierOf({ channelId, until, newest }: Lane, start: SearchKey): SearchKey {
  const own = { channelId, ...until }
  const bound = newest < until.createdAt ? { createdAt: newest, channelId, index: Number.MAX_SAFE_INTEGER } : own
  return compareKeys(start, bound) >= 0 ? start : bound
}

/** Through all channels of a service. */
export class ServiceWalk implements Walk {
  readonly #db: Db
  readonly #serviceId: ServiceId
  readonly #asked: WalkedFor
  frontier: SearchKey | undefined
  rows = 0
  readonly hits: SearchHit[] = []

  constructor(db: Db, serviceId: ServiceId, until: SearchKey, asked: WalkedFor) {
    this.#db = db
    this.#serviceId = serviceId
    this.#asked = asked
    this.frontier = until
  }

  async step(): Promise<void> {
    const { hits, end } = await walkService(this.#db, this.#serviceId, this.frontier!, roundRows, this.#asked)
    this.rows += roundRows
    this.hits.push(...hits)
    this.frontier = end
  }
}

/** Through the replies to one message. */
export class ThreadWalk implements Walk {
  readonly #db: Db
  readonly #parent: MessageKey
  readonly #asked: WalkedFor
  readonly #until: Lane['until']
  #below: number
  frontier: SearchKey | undefined
  rows = 0
  readonly hits: SearchHit[] = []

  constructor(db: Db, parent: MessageKey, until: SearchKey, asked: WalkedFor) {
    this.#db = db
    this.#parent = parent
    this.#asked = asked
    this.#until = untilIn(parent.channelId, until)
    this.#below = until.channelId === parent.channelId ? until.index : Number.MAX_SAFE_INTEGER
    this.frontier = until
  }

  async step(): Promise<void> {
    const { hits, end } = await walkThread(this.#db, this.#parent, this.#below, this.#until, roundRows, this.#asked)
    this.rows += roundRows
    this.hits.push(...hits)
    if (end) this.#below = end.index
    // Newer replies than those that are asked for were passed.
    this.frontier = end && compareKeys(end, this.frontier!) < 0 ? this.frontier : end
  }
}
