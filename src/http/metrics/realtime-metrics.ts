import { byWord, counter, gauge, histogram, type Metric } from './metric.ts'
import type { MetricSources } from './sources.ts'

const transports = { transport: ['websocket', 'sse'] }

/** Connections, subscriptions, and what is delivered to them. */
export const realtimeMetrics = ({
  app,
  webSockets,
  eventStreams,
  slowReaderCode,
  background,
}: MetricSources): Metric[] => [
  gauge({
    name: 'fonechat_connections',
    help: 'Open connections for subscriptions.',
    by: transports,
    read: () => byWord('transport', { websocket: webSockets.connectionCount(), sse: eventStreams.connectionCount() }),
  }),
  gauge({
    name: 'fonechat_subscriptions',
    help: 'Open subscriptions.',
    by: transports,
    read: () =>
      byWord('transport', { websocket: webSockets.subscriptionCount(), sse: eventStreams.subscriptionCount() }),
  }),
  counter({
    name: 'fonechat_connections_opened_total',
    help: 'Connections for subscriptions that were opened.',
    by: transports,
    read: () => byWord('transport', { websocket: webSockets.figures.opened, sse: eventStreams.figures.opened }),
  }),
  counter({
    name: 'fonechat_websockets_closed_total',
    help: 'WebSockets that have closed, by the code of the side that closed first.',
    by: webSockets.figures.closed.words,
    read: () => webSockets.figures.closed.items,
  }),
  counter({
    name: 'fonechat_slow_readers_total',
    help: 'Connections that were closed since their readers were too slow.',
    by: transports,
    read: () =>
      byWord('transport', {
        websocket: webSockets.figures.closed.of({ code: slowReaderCode }).value,
        sse: eventStreams.figures.slow,
      }),
  }),
  gauge({
    name: 'fonechat_present_users',
    help: 'Users that are connected, counted once in each process.',
    read: () => app.presence.userCount,
  }),
  gauge({
    name: 'fonechat_feeds',
    help: 'Channels and users whose events this process follows for open connections.',
    by: { feed: ['channel', 'user'] },
    read: () => byWord('feed', { channel: app.feeds.size, user: app.userFeeds.size }),
  }),
  counter({
    name: 'fonechat_deliveries_total',
    help: 'Events written to readers, those that were read from the store included.',
    by: transports,
    read: () => byWord('transport', { websocket: webSockets.figures.delivered, sse: eventStreams.figures.delivered }),
  }),
  histogram({
    name: 'fonechat_delivery_seconds',
    help: 'Time from storing a message to writing it to a reader that is connected, once for each reader.',
    read: () => app.instruments.deliverySeconds,
  }),
  counter({
    name: 'fonechat_replayed_events_total',
    help: 'Events that were read from the store for a reader that was away or behind.',
    read: () => app.instruments.replayed.value,
  }),
  counter({
    name: 'fonechat_catch_ups_total',
    help: 'How often a reader with an open subscription had to go on from the store.',
    read: () => app.instruments.catchUps.value,
  }),
  gauge({
    name: 'fonechat_catch_ups_waiting',
    help: 'Statements for returning readers that wait for their turn at the database; one may read for 500 of them.',
    read: () => app.catchUps.waitingCount,
  }),
  counter({
    name: 'fonechat_feed_refills_total',
    help: 'How often a feed has read what it missed from the store, by the reason.',
    by: app.instruments.refills.words,
    read: () => app.instruments.refills.items,
  }),
  gauge({
    name: 'fonechat_sweep_age_seconds',
    help: 'Time since the last sweep for lost hints, which runs every two seconds; the longest of all processes.',
    merge: 'max',
    read: () => background.sweep.ageSeconds,
  }),
  gauge({
    name: 'fonechat_streaming_texts',
    help: 'Texts that are being written while they are read.',
    read: () => app.streams.size,
  }),
]
