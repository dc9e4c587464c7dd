/** What `storm.ts` and its clients (`storm-clients.ts`) say to each other. */

/** Which client a reader is: the connection of `@fonechat/client`, or graphql-ws with its own settings. */
export type ReaderKind = 'fonechat' | 'graphql-ws'

export interface PlannedReader {
  readonly token: string
  readonly deviceId: string
  /** Which of the channels it reads. */
  readonly channel: number
  /** Which of the processes it connects to while both are there. */
  readonly home: 0 | 1
}

export interface StormPlan {
  readonly kind: ReaderKind
  /** The process that ends, and the other. */
  readonly ports: readonly [number, number]
  readonly channels: readonly string[]
  readonly readers: readonly PlannedReader[]
}

/** To the clients. */
export type StormOrder =
  /** A balancer has found that the first process takes no more connections. */
  | { readonly order: 'redirect' }
  /** A send was answered. */
  | { readonly order: 'sent'; readonly channel: number; readonly index: number }
  | { readonly order: 'report' }

/** From them. Times are of the machine's monotonic clock, in milliseconds. */
export type StormNews =
  | { readonly news: 'connected' }
  | {
      readonly news: 'report'
      readonly report: {
        /** Readers that have lost their connection to the first process. */
        readonly cut: number
        readonly firstCutAt: number
        /** When each of those had caught up, and how long it was without its stream. */
        readonly caughtUpAt: readonly number[]
        readonly away: readonly number[]
        /** Connections and operations that the second process refused, by reason. */
        readonly refused: Readonly<Record<string, number>>
        readonly lost: number
        readonly doubled: number
        /** Of each channel, the lowest index that all of its readers have. */
        readonly heldBy: readonly number[]
      }
    }
