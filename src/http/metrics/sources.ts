import type { App } from '../../domain/app.ts'
import type { Counts } from '../../instruments/by-words.ts'
import type { ResponseCounts } from '../http.ts'

/** What is open over one transport of subscriptions, and what was. */
interface Streams {
  connectionCount(): number
  subscriptionCount(): number
  readonly figures: { readonly opened: number; readonly delivered: number }
}

/** What metrics are read from: the parts of one process. */
export interface MetricSources {
  readonly app: App
  readonly responses: ResponseCounts
  readonly webSockets: Streams & { readonly figures: { readonly closed: Counts<{ code: readonly string[] }> } }
  readonly eventStreams: Streams & { readonly figures: { readonly slow: number } }
  /** The code by which WebSockets of slow readers are closed. */
  readonly slowReaderCode: string
  readonly background: Background
  /** Whether the process should get new connections, and whether it was asked to stop. */
  readonly isReady: () => boolean
  readonly isStopping: () => boolean
}

/** Parts that run in the background. */
export interface Background {
  readonly sweep: { readonly ageSeconds: number }
  readonly heartbeat: { readonly age: number }
  readonly nameIndex: { readonly isWriting: boolean }
  /** Whether there is a Redis that does not answer. */
  readonly isRedisAway: () => boolean
  /** The version of the schema that this process is made for, and the lowest that the database works with. */
  readonly schema: { readonly own: number; readonly lowest: () => number }
}
