import type { JWTVerifyGetKey } from 'jose'
import type { Config } from '../config/config.ts'
import type { Logger } from '../config/logger.ts'
import type { Bus } from '../live/bus.ts'
import type { WebhookClient } from '../outbound/webhook-request.ts'
import type { Db } from '../store/engine/db.ts'
import type { WebhookJobs } from '../store/webhooks/webhook-job.ts'
import type { AccountWatch } from './access/account-watch.ts'
import type { Caches } from './access/cache.ts'
import type { DeletionWatch } from './access/deletion-watch.ts'
import type { KeyUse } from './access/key-use.ts'
import type { PasswordThrottle } from './access/password-throttle.ts'
import type { SecretBox } from './access/secret.ts'
import type { MessageWriter } from './chat/message-writer.ts'
import type { Clock } from './clock.ts'
import type { KeyedSequencer } from './keyed-sequencer.ts'
import type { DeliveryWriter } from './realtime/delivery-writer.ts'
import type { Feeds } from './realtime/feed.ts'
import type { History } from './realtime/history.ts'
import type { Presence } from './realtime/presence.ts'
import type { UserFeeds } from './realtime/user-feed.ts'
import type { Shares } from './share.ts'
import type { Endpoints } from './webhooks/endpoint.ts'

/** What an operation may use. Made once by the composition root, and passed as the first argument from there on. */
export interface App {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly db: Db
  /** One connection of its own, on which a statement may take its time. */
  readonly maintenance: Db
  readonly history: History
  readonly bus: Bus
  readonly secrets: SecretBox
  readonly feeds: Feeds
  readonly userFeeds: UserFeeds
  readonly messages: MessageWriter
  /** In which the sends of one author come to the writer. */
  readonly sendOrder: KeyedSequencer
  /** What each user may have of this process. */
  readonly shares: Shares
  readonly deliveries: DeliveryWriter
  readonly presence: Presence
  readonly deletionWatch: DeletionWatch
  readonly webhooks: WebhookClient
  /** Of what webhooks are to be told. */
  readonly webhookJobs: WebhookJobs
  /** Called after deliveries were committed, so that they need not wait for the worker's next poll. */
  readonly wakeWebhookWorker: () => void
  /** Of pre-events. */
  readonly endpoints: Endpoints
  readonly caches: Caches
  /** When API keys were last used. */
  readonly keyUse: KeyUse
  readonly accounts: AccountWatch
  /** Delays and refuses guesses of backends' passwords. */
  readonly passwords: PasswordThrottle
  /** The operator's own token issuer, if the settings name one. */
  readonly issuerKeys: JWTVerifyGetKey | undefined
  /** The account that tokens of the operator's own issuer belong to. */
  readonly accountId: string
}
