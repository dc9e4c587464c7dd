import type { JWTVerifyGetKey } from 'jose'
import type { Config } from './config.ts'
import type { AccountWatch } from './domain/account-watch.ts'
import type { Bell } from './domain/bell.ts'
import type { Caches } from './domain/cache.ts'
import type { Clock } from './domain/clock.ts'
import type { DeletionWatch } from './domain/deletion-watch.ts'
import type { DeliveryWriter } from './domain/delivery-writer.ts'
import type { Endpoints } from './domain/endpoint.ts'
import type { Feeds } from './domain/feed.ts'
import type { History } from './domain/history.ts'
import type { KeyUse } from './domain/key-use.ts'
import type { MessageWriter } from './domain/message-writer.ts'
import type { PasswordThrottle } from './domain/password-throttle.ts'
import type { Presence } from './domain/presence.ts'
import type { SecretBox } from './domain/secret.ts'
import type { Shares } from './domain/share.ts'
import type { Turns } from './domain/turns.ts'
import type { UserFeeds } from './domain/user-feed.ts'
import type { Bus } from './live/bus.ts'
import type { Logger } from './logger.ts'
import type { WebhookClient } from './outbound/webhook-request.ts'
import type { Db } from './store/db.ts'
import type { NoticeJobs } from './store/notice-job.ts'

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
  readonly sendTurns: Turns
  /** What each user may have of this process. */
  readonly shares: Shares
  readonly deliveries: DeliveryWriter
  readonly presence: Presence
  readonly deletionWatch: DeletionWatch
  readonly webhooks: WebhookClient
  /** Of what webhooks are to be told. */
  readonly noticeJobs: NoticeJobs
  /** Rings when there is something to tell to webhooks. */
  readonly noticeBell: Bell
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
