import type { Config } from './config/config.ts'
import { endOutage, type Logger } from './config/logger.ts'
import { readSecretKey } from './config/secret-key.ts'
import { AccountWatch } from './domain/access/account-watch.ts'
import { ensureAccount, type AccountSecrets } from './domain/access/account.ts'
import { listenToAuthority } from './domain/access/authority-change.ts'
import { createCaches } from './domain/access/cache.ts'
import { DeletionWatch } from './domain/access/deletion-watch.ts'
import { LastUse } from './domain/access/last-use.ts'
import { PasswordThrottle } from './domain/access/password-throttle.ts'
import { answerRefusals } from './domain/access/rate-refusals.ts'
import { createSecretBox } from './domain/access/secret.ts'
import { SharedGuesses } from './domain/access/shared-guesses.ts'
import type { App } from './domain/app.ts'
import { MessageWriter } from './domain/chat/message-writer.ts'
import { ReactionWriter } from './domain/chat/reaction-writer.ts'
import { ReadWriter } from './domain/chat/read-writer.ts'
import { seedChat } from './domain/chat/seed.ts'
import { StreamCalls } from './domain/chat/stream-calls.ts'
import { decideText, refuseText } from './domain/chat/stream-end.ts'
import { StreamOwner } from './domain/chat/stream-owner.ts'
import { UnindexedChannels } from './domain/chat/unindexed-channels.ts'
import { Clock } from './domain/clock.ts'
import { Deployment } from './domain/deployment/deployment.ts'
import type { TransportCounts } from './domain/deployment/minute-figures.ts'
import { createInstruments, recordWebhook } from './domain/instruments.ts'
import { KeyedSequencer } from './domain/keyed-sequencer.ts'
import { ProcessCalls } from './domain/process-calls.ts'
import { RateCounters } from './domain/rate-counters.ts'
import { Connections } from './domain/realtime/connections.ts'
import { CounterSweep } from './domain/realtime/counter-sweep.ts'
import { DeliveryLatency } from './domain/realtime/delivery-latency.ts'
import { DeliveryWriter } from './domain/realtime/delivery-writer.ts'
import { FeedRegistry } from './domain/realtime/feed-registry.ts'
import { Feed } from './domain/realtime/feed.ts'
import { History } from './domain/realtime/history.ts'
import { LastSeen } from './domain/realtime/last-seen.ts'
import { Presence } from './domain/realtime/presence.ts'
import { publishChannelEvent, publishPresence, publishReceipts } from './domain/realtime/publication.ts'
import { ReceiptReports } from './domain/realtime/receipt-reports.ts'
import { createReconnectReads } from './domain/realtime/reconnect-reads.ts'
import { UserFeed } from './domain/realtime/user-feed.ts'
import { Refusals } from './domain/refusals.ts'
import { Shares } from './domain/share.ts'
import { describeThisProcess } from './domain/this-process.ts'
import { Turns } from './domain/turns.ts'
import { Endpoints } from './domain/webhooks/endpoint.ts'
import { answerCircuits } from './domain/webhooks/webhook-endpoint.ts'
import { parseNetworks } from './model/network.ts'
import type { ApiKeyId, ChannelId, ConsoleSessionId, UserId } from './model/sid.ts'
import { createIssuerKeys } from './outbound/issuer-keys.ts'
import { WebhookClient } from './outbound/webhook-request.ts'
import type { Shutdown } from './shutdown.ts'
import { openLive, type Siblings } from './siblings.ts'
import { writeApiKeyUse } from './store/account.ts'
import { writeConsoleSessionUse } from './store/console-session.ts'
import { assertUsable, readOwnSchema } from './store/migration.ts'
import { MigrationError } from './store/migration/error.ts'
import type { Store } from './store/open-store.ts'
import { WebhookJobs } from './store/webhooks/webhook-job.ts'
import { ChannelSummaries } from './workers/channel-summaries.ts'
import { Cleanup } from './workers/cleanup.ts'
import { Heartbeat } from './workers/heartbeat.ts'
import { Jobs } from './workers/jobs.ts'
import { MessageIndexer } from './workers/message-indexer.ts'
import { NameIndex } from './workers/name-index.ts'
import { ProcessMinutes } from './workers/process-minutes.ts'
import { ScheduledMessages } from './workers/scheduled-messages.ts'
import { SilentStreams } from './workers/silent-streams.ts'
import { WebhookWorker } from './workers/webhook-worker.ts'

/** How much of the pool clients may take that come back, all together. Two at least: one that is slow does not hold up all others. */
const catchUpShare = 0.4
const minCatchUps = 2

/**
 * Called once the account that this start makes is stored: what fails afterwards must not cost the operator its token. With the embedded
 * engine, `aliceToken` is a token for the user alice.
 */
type OnNewAccount = (account: AccountSecrets, aliceToken?: string) => void

export interface AppOptions {
  readonly onNewAccount?: OnNewAccount
  /** Called once when the database has been raised to a schema that this version cannot work with: the process should stop. */
  readonly onOutdated?: (refusal: MigrationError) => void
  /** Undefined for a process that is alone on its machine. */
  readonly siblings?: Siblings
}

/** What runs in the background and says how it is. */
interface Background {
  readonly heartbeat: Heartbeat
  readonly sweep: CounterSweep
  readonly nameIndex: NameIndex
  readonly isRedisAway: () => boolean
  /** The version of the schema that this process is made for, and the lowest that the database works with. */
  readonly schema: { readonly own: number; readonly lowest: () => number }
}

export interface OpenedApp {
  readonly app: App
  readonly account: AccountSecrets
  readonly background: Background
  readonly webhookWorker: WebhookWorker
  /** To be called once there is something that can be delivered to. */
  readonly recordMinutes: (transports: readonly TransportCounts[]) => Promise<void>
}

/** Builds all that operations use, and starts what runs in the background. `shutdown` closes it, also where this fails. */
export async function openApp(
  config: Config,
  logger: Logger,
  store: Store,
  shutdown: Shutdown,
  { onNewAccount = () => {}, onOutdated = () => {}, siblings }: AppOptions = {},
): Promise<OpenedApp> {
  const leads = siblings?.leads ?? (() => true)
  const { db, maintenance } = store
  const onError = (error: unknown): void => logger.error({ err: error }, 'a background task failed')
  const secrets = createSecretBox(await readSecretKey(config))
  const account = await ensureAccount(db, secrets, config)
  if (account.isNew && !store.isEmbedded) onNewAccount(account)
  if (account.isOlder) logger.warn('AUTH_TOKEN was replaced since by a newer one, which goes on to count')
  const instruments = createInstruments()
  const live = await openLive(config, logger, siblings)
  const { bus, expiringSet, rateCounter, isRedisAway, readRedis, close: closeLive } = live
  // The reverse of this order is that of the stop: what was accepted is written before presence, bus and database go.
  shutdown.defer({ name: 'the bus', reserve: 50, run: closeLive })
  const history = await History.open(db)
  const clock = new Clock()
  const lastSeen = new LastSeen(db, () => clock.now(), onError)
  const presence = new Presence(
    expiringSet,
    (userId) => lastSeen.note(userId),
    (user) => publishPresence({ bus }, user),
  )
  shutdown.defer({ name: 'last seen', reserve: 100, run: () => lastSeen.close() })
  shutdown.defer({ name: 'presence', reserve: 100, run: () => presence.close() })
  const deliveries = new DeliveryWriter(db, (members) => publishReceipts({ bus }, 'delivered', members), onError)
  const receipts = new ReceiptReports(db, onError)
  shutdown.defer({ name: 'receipts', reserve: 50, run: () => receipts.close() })
  shutdown.defer({ name: 'confirmed positions', reserve: 250, run: () => deliveries.close() })
  const latency = new DeliveryLatency(clock, instruments.deliverySeconds)
  const feeds: FeedRegistry<Feed> = new FeedRegistry(
    (id: ChannelId) => new Feed(id, { db, bus, history, deliveries, receipts, streams, latency, instruments, onError }),
  )
  const thisProcess = describeThisProcess(siblings?.worker ?? null)
  const streams: StreamOwner = new StreamOwner({
    id: thisProcess.id,
    db,
    bus,
    clock,
    feeds,
    decide: (stream) => decideText(app, stream),
    onRefused: (stream) => refuseText(app, stream),
    onError,
  })
  const processCalls = await ProcessCalls.open(bus, thisProcess, onError)
  shutdown.defer({ name: 'calls between processes', reserve: 10, run: () => processCalls.close() })
  const streamCalls = new StreamCalls(processCalls, streams)
  const endpoints = new Endpoints(logger)
  answerCircuits(processCalls, endpoints)
  // Before the calls: a process that asks meanwhile waits, instead of taking over what is not stored yet.
  shutdown.defer({ name: 'texts that stream', reserve: 250, run: () => streams.close() })
  const catchUps = new Turns(Math.max(minCatchUps, Math.floor(config.DATABASE_POOL * catchUpShare)))
  const reconnectReads = createReconnectReads(db, catchUps)
  const userFeeds = new FeedRegistry(
    (id: UserId) => new UserFeed(id, { db, counters: reconnectReads.counters, bus, instruments, onError }),
  )
  const webhookJobs = await WebhookJobs.open(db, onError)
  shutdown.defer({ name: 'webhook jobs', reserve: 50, run: () => webhookJobs.close().catch(onError) })
  // The embedded engine has one process, so jobs under way belong to a dead one.
  if (store.isEmbedded) await webhookJobs.renewAll(db)
  let webhookWorker: WebhookWorker | undefined
  let scheduledMessages: ScheduledMessages | undefined
  let jobs: Jobs | undefined
  const wakeWebhookWorker = (): void => webhookWorker?.wake()
  const messages = new MessageWriter(db, webhookJobs)
  const reads = new ReadWriter(db, webhookJobs)
  shutdown.defer({ name: 'reads', reserve: 150, run: () => reads.close() })
  const reactions = new ReactionWriter(db, (id, event) => publishChannelEvent({ bus }, id, event))
  shutdown.defer({ name: 'reactions', reserve: 150, run: () => reactions.close() })
  const days = {
    devices: config.DEVICE_DAYS,
    webhookDeliveries: config.WEBHOOK_LOG_DAYS,
    audit: config.AUDIT_DAYS,
  }
  const cleanup = new Cleanup(maintenance, days, logger, leads)
  const channelSummaries = new ChannelSummaries(maintenance, logger, leads)
  const nameIndex = new NameIndex(maintenance, logger, leads)
  const deletionWatch = new DeletionWatch()
  const webhooks = new WebhookClient(parseNetworks(config.WEBHOOK_NETWORKS ?? '')!, recordWebhook(instruments))
  shutdown.defer({ name: 'connections to webhooks', reserve: 10, run: () => webhooks.close() })
  const ownSchema = await readOwnSchema()
  let lowestSchema = 0
  let isOutdated = false
  const processMinutes = new ProcessMinutes({ db: store.heartbeat, clock, process: thisProcess, logger })
  shutdown.defer({ name: 'what this process did', reserve: 50, run: () => processMinutes.close() })
  const heartbeat = new Heartbeat(store.heartbeat, (error, beat) => {
    processMinutes.onHeartbeat(beat !== undefined)
    if (beat === undefined) return logger.warn({ err: error }, 'the database does not answer')
    clock.learn(beat.now)
    lowestSchema = beat.lowestSchema
    endOutage(logger)
    if (beat.lowestSchema <= ownSchema || isOutdated || !leads()) return
    isOutdated = true
    // One that cannot be asked why is asked again with the next answer.
    assertUsable(maintenance).catch((refusal: unknown) => {
      if (refusal instanceof MigrationError) onOutdated(refusal)
      else isOutdated = false
    })
  })
  await heartbeat.probe()
  shutdown.defer({ name: 'the heartbeat', reserve: 10, run: () => heartbeat.close() })
  const caches = createCaches()
  const keyUse = new LastUse((ids: readonly ApiKeyId[]) => writeApiKeyUse(db, ids), onError)
  const consoleUse = new LastUse((ids: readonly ConsoleSessionId[]) => writeConsoleSessionUse(db, ids), onError)
  const accounts = new AccountWatch()
  accounts.add(account.accountId)
  const sweep = new CounterSweep({
    db,
    history,
    caches,
    deliveries,
    accounts,
    feeds,
    userFeeds,
    deletionWatch,
    secrets,
    onError,
  })
  shutdown.defer({
    name: 'background work',
    reserve: 50,
    run: () =>
      Promise.all([
        sweep.close(),
        keyUse.close(),
        consoleUse.close(),
        cleanup.close(),
        channelSummaries.close(),
        nameIndex.close(),
      ]),
  })
  bus.onGap(() => {
    feeds.onGap()
    userFeeds.onGap()
  })
  const deployment = new Deployment({
    db,
    logger,
    config,
    environment: process.env,
    isEmbedded: store.isEmbedded,
    pulse: heartbeat,
    withInspection: store.withInspection,
    redis: readRedis && { isAway: isRedisAway, read: readRedis },
  })
  const refusals = new Refusals()
  answerRefusals(processCalls, refusals)
  const app: App = {
    config,
    logger,
    process: thisProcess,
    processCalls,
    deployment,
    clock,
    db,
    bus,
    shares: new Shares(refusals),
    rateCounters: new RateCounters(rateCounter, refusals),
    instruments,
    // access
    accountId: account.accountId,
    issuerKeys: config.JWKS_URL === undefined ? undefined : openIssuerKeys(config.JWKS_URL, logger),
    secrets,
    caches,
    accounts,
    deletionWatch,
    keyUse,
    consoleUse,
    passwords: new PasswordThrottle(logger, rateCounter && new SharedGuesses(rateCounter, secrets)),
    // realtime
    connections: new Connections(processCalls),
    history,
    feeds,
    userFeeds,
    deliveries,
    presence,
    catchUps,
    reconnectReads,
    lastSeen,
    // webhooks
    webhooks,
    endpoints,
    webhookJobs,
    wakeWebhookWorker,
    // chat
    messages,
    reads,
    reactions,
    streams,
    streamCalls,
    unindexed: new UnindexedChannels(),
    expectDue: (at) => scheduledMessages?.expect(at),
    wakeJobs: () => jobs?.wake(),
    sendOrder: new KeyedSequencer(),
    dryRuns: new Turns(1),
  }
  const worker = new WebhookWorker(app, leads)
  webhookWorker = worker
  const scheduled = new ScheduledMessages(app, leads)
  scheduledMessages = scheduled
  const jobWorker = new Jobs(app, leads)
  jobs = jobWorker
  const silentStreams = new SilentStreams(app, leads)
  const messageIndexer = new MessageIndexer(app, leads)
  shutdown.defer({
    name: 'scheduled messages, jobs, silent texts and the index of messages',
    reserve: 150,
    run: () => Promise.all([scheduled.close(), jobWorker.close(), silentStreams.close(), messageIndexer.close()]),
  })
  shutdown.defer({ name: 'webhook deliveries', reserve: 400, run: () => worker.close() })
  await listenToAuthority(app)
  // Until its first start is finished, the embedded engine begins again from nothing, with another account.
  if (account.isNew && store.isEmbedded) onNewAccount(account, await seedChat(app))
  await store.finishFirstStart()
  const schema = { own: ownSchema, lowest: () => lowestSchema }
  const background = { heartbeat, sweep, nameIndex, isRedisAway, schema }
  const recordMinutes: OpenedApp['recordMinutes'] = (transports) => processMinutes.start({ app, sweep, transports })
  return { app, account, background, webhookWorker: worker, recordMinutes }
}

function openIssuerKeys(url: string, logger: Logger) {
  return createIssuerKeys(new URL(url), {
    away: (error) => logger.warn({ err: error }, 'the keys of the token issuer cannot be read'),
    back: () => logger.info('the keys of the token issuer can be read again'),
  })
}
