import type { JWTVerifyGetKey } from 'jose'
import type { LRUCache } from 'lru-cache'
import type { Config } from './config.ts'
import type { Bell } from './domain/bell.ts'
import type { DeliveryWriter } from './domain/delivery-writer.ts'
import type { Endpoints } from './domain/endpoint.ts'
import type { Feeds } from './domain/feed.ts'
import type { MessageWriter } from './domain/message-writer.ts'
import type { Presence } from './domain/presence.ts'
import type { SecretBox } from './domain/secret.ts'
import type { ServiceWatch } from './domain/service-watch.ts'
import type { UserFeeds } from './domain/user-feed.ts'
import type { Bus } from './live/bus.ts'
import type { Logger } from './logger.ts'
import type { Permission } from './model/permission.ts'
import type { Role, Service } from './model/service.ts'
import type { WebhookClient } from './outbound/webhook-request.ts'
import type { AccountRow, ApiKeyRow } from './store/account.ts'
import type { ChannelAccess } from './store/channel.ts'
import type { Db } from './store/db.ts'

/** What an operation may use. Made once by the composition root, and passed as the first argument from there on. */
export interface App {
  readonly config: Config
  readonly logger: Logger
  readonly db: Db
  readonly bus: Bus
  readonly secrets: SecretBox
  readonly feeds: Feeds
  readonly userFeeds: UserFeeds
  readonly messages: MessageWriter
  /** Of messages that webhooks are told of: apart, so that all others keep their single statement. */
  readonly toldMessages: MessageWriter
  readonly deliveries: DeliveryWriter
  readonly presence: Presence
  readonly serviceWatch: ServiceWatch
  readonly webhooks: WebhookClient
  /** Rings when there is something to tell to webhooks. */
  readonly noticeBell: Bell
  /** Of pre-events. */
  readonly endpoints: Endpoints
  readonly caches: Caches
  /** The operator's own token issuer, if the settings name one. */
  readonly issuerKeys: JWTVerifyGetKey | undefined
  /** The account that tokens of the operator's own issuer belong to. */
  readonly accountId: string
}

/** What is read often and changes rarely. Each is bounded, and short-lived where no event could correct it. */
export interface Caches {
  readonly accounts: LRUCache<string, AccountRow>
  readonly apiKeys: LRUCache<string, ApiKeyRow>
  readonly services: LRUCache<string, Service>
  readonly roles: LRUCache<string, Role>
  readonly users: LRUCache<string, CachedUser>
  /** A channel with one user's membership, by channel SID and user. Counters in it are old. */
  readonly access: LRUCache<string, ChannelAccess>
  /** Which service a channel belongs to, which never changes. */
  readonly channelServices: LRUCache<string, string>
}

export interface CachedUser {
  readonly userId: string
  readonly roleId: string
  readonly permissions: ReadonlySet<Permission>
  /** When the last user that had the identity before was deleted. */
  readonly deletedAt: Date | null
}
