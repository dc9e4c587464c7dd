import type { JWTVerifyGetKey } from 'jose'
import type { Config } from '../config/config.ts'
import type { Logger } from '../config/logger.ts'
import type { Bus } from '../live/bus.ts'
import type { AccountId, ApiKeyId, ConsoleSessionId } from '../model/sid.ts'
import type { WebhookClient } from '../outbound/webhook-request.ts'
import type { Db } from '../store/engine/db.ts'
import type { WebhookJobs } from '../store/webhooks/webhook-job.ts'
import type { AccountWatch } from './access/account-watch.ts'
import type { Caches } from './access/cache.ts'
import type { DeletionWatch } from './access/deletion-watch.ts'
import type { LastUse } from './access/last-use.ts'
import type { PasswordThrottle } from './access/password-throttle.ts'
import type { SecretBox } from './access/secret.ts'
import type { MessageWriter } from './chat/message-writer.ts'
import type { ReactionWriter } from './chat/reaction-writer.ts'
import type { ReadWriter } from './chat/read-writer.ts'
import type { StreamCalls } from './chat/stream-calls.ts'
import type { StreamOwner } from './chat/stream-owner.ts'
import type { UnindexedChannels } from './chat/unindexed-channels.ts'
import type { Clock } from './clock.ts'
import type { Deployment } from './deployment/deployment.ts'
import type { Instruments } from './instruments.ts'
import type { KeyedSequencer } from './keyed-sequencer.ts'
import type { ProcessCalls } from './process-calls.ts'
import type { RateCounters } from './rate-counters.ts'
import type { Connections } from './realtime/connections.ts'
import type { DeliveryWriter } from './realtime/delivery-writer.ts'
import type { FeedRegistry } from './realtime/feed-registry.ts'
import type { Feed } from './realtime/feed.ts'
import type { History } from './realtime/history.ts'
import type { LastSeen } from './realtime/last-seen.ts'
import type { Presence } from './realtime/presence.ts'
import type { ReconnectReads } from './realtime/reconnect-reads.ts'
import type { UserFeed } from './realtime/user-feed.ts'
import type { Shares } from './share.ts'
import type { ThisProcess } from './this-process.ts'
import type { Turns } from './turns.ts'
import type { Endpoints } from './webhooks/endpoint.ts'

/**
 * What an operation may use: what all of them share, and the parts of each wing. Made once by the composition root, and the first argument
 * of every operation.
 */
export interface App extends AccessParts, RealtimeParts, ModerationParts, WebhookParts, ChatParts {
  /** What operators see of the whole. */
  readonly deployment: Deployment
  readonly config: Config
  readonly logger: Logger
  readonly process: ThisProcess
  readonly processCalls: ProcessCalls
  readonly clock: Clock
  readonly db: Db
  readonly bus: Bus
  /** Bounds what each user may have of this process. */
  readonly shares: Shares
  /** What the parts count for operators. */
  readonly instruments: Instruments
  /** Counts what users and API keys do. */
  readonly rateCounters: RateCounters
}

/** What the operations on accounts, keys and tokens use. Commands have it, too, where no server runs. */
export type AccessApp = Pick<App, 'accountId' | 'bus' | 'caches' | 'clock' | 'db' | 'deletionWatch' | 'secrets'>

interface AccessParts {
  /** The account that this server was started for. Tokens of the operator's own issuer belong to it. */
  readonly accountId: AccountId
  /** The operator's own token issuer, if the settings name one. */
  readonly issuerKeys: JWTVerifyGetKey | undefined
  readonly secrets: SecretBox
  readonly caches: Caches
  /** The accounts that were authenticated in this process. */
  readonly accounts: AccountWatch
  readonly deletionWatch: DeletionWatch
  /** Writes when API keys were last used. */
  readonly keyUse: LastUse<ApiKeyId>
  /** The same of sessions of the console. */
  readonly consoleUse: LastUse<ConsoleSessionId>
  /** Delays and refuses guesses of backends' passwords. */
  readonly passwords: PasswordThrottle
}

interface RealtimeParts {
  readonly connections: Connections
  readonly history: History
  readonly feeds: FeedRegistry<Feed>
  readonly userFeeds: FeedRegistry<UserFeed>
  readonly deliveries: DeliveryWriter
  readonly presence: Presence
  /** In which clients that come back read what they need, so that sends find a connection however many come. */
  readonly catchUps: Turns
  readonly reconnectReads: ReconnectReads
  readonly lastSeen: LastSeen
}

interface ModerationParts {
  /** In which dry runs of keyword rules read messages and look at them. */
  readonly dryRuns: Turns
}

interface WebhookParts {
  readonly webhooks: WebhookClient
  /** Circuit breakers and queues of the addresses that pre-events are sent to. */
  readonly endpoints: Endpoints
  /** Jobs that deliver post-events. */
  readonly webhookJobs: WebhookJobs
  /** Called after deliveries were committed, so that they need not wait for the worker's next poll. */
  readonly wakeWebhookWorker: () => void
}

interface ChatParts {
  readonly messages: MessageWriter
  readonly reads: ReadWriter
  readonly reactions: ReactionWriter
  /** The texts of messages that this process writes. */
  readonly streams: StreamOwner
  /** Calls to the processes that write other texts. */
  readonly streamCalls: StreamCalls
  /** What the worker is to make searchable. */
  readonly unindexed: UnindexedChannels
  /** Called with the time of what was scheduled, so that it need not wait for the worker's next poll. */
  readonly expectDue: (at: Date) => void
  /** Called after a job was started, so that it need not wait for the worker's next poll. */
  readonly wakeJobs: () => void
  /** Keeps one author's sends in the order of the calls. */
  readonly sendOrder: KeyedSequencer
}
