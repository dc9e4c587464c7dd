import { readFile } from 'node:fs/promises'
import { createClient } from 'graphql-ws'
import { WebSocket, type ClientOptions } from 'ws'
import type { Env, Socket } from '../client/src/env/types.ts'
import { Link } from '../client/src/link/link.ts'
import { Log } from '../client/src/log.ts'
import { monotonicNow } from './probe.ts'
import type { PlannedReader, StormNews, StormOrder, StormPlan } from './storm-plan.ts'

/** The readers of a storm, in a process of their own. */
const plan = JSON.parse(await readFile(process.env['STORM_PLAN']!, 'utf8')) as StormPlan
const url = `ws://127.0.0.1:${plan.ports[0]}/graphql`
const query =
  'subscription ($channelId: ID!, $after: String) { events(channelId: $channelId, after: $after) { __typename ' +
  '... on Ready { cursor } ... on MessageAdded { cursor message { index } } } }'

interface StreamEvent {
  readonly __typename: string
  readonly cursor?: string
  readonly message?: { readonly index: number }
}

const refused: Record<string, number> = {}
const refuse = (reason: string): void => void (refused[reason] = (refused[reason] ?? 0) + 1)
/** The highest index of each channel that was answered to a sender. */
const sent = plan.channels.map(() => -1)
let isRedirected = false
let connected = 0

const notify = (news: StormNews): void => void process.send!(news)

/** What one reader has received. */
class Reader {
  readonly planned: PlannedReader
  cursor: string | undefined
  last = -1
  lost = 0
  doubled = 0
  cutAt: number | undefined
  caughtUpAt: number | undefined
  /** It has the messages up to here once it has caught up; unknown before its stream has begun again. */
  #goal = Infinity
  #isReady = false

  constructor(planned: PlannedReader) {
    this.planned = planned
  }

  onEvent({ __typename, cursor, message }: StreamEvent): void {
    this.cursor = cursor ?? this.cursor
    if (__typename === 'Ready') this.#onReady()
    if (message) this.#onMessage(message.index)
    if (this.cutAt !== undefined && this.last >= this.#goal) this.caughtUpAt ??= monotonicNow()
  }

  #onReady(): void {
    if (!this.#isReady && ++connected === plan.readers.length) notify({ news: 'connected' })
    this.#isReady = true
    if (this.cutAt !== undefined) this.#goal = sent[this.planned.channel]!
  }

  #onMessage(index: number): void {
    if (index <= this.last) this.doubled++
    else if (this.last >= 0) this.lost += index - this.last - 1
    this.last = Math.max(index, this.last)
  }

  /** The socket that its client asked for, at the process that a balancer chooses. */
  openSocket(options: ClientOptions = {}): WebSocket {
    const number = isRedirected ? 1 : this.planned.home
    const socket = new WebSocket(`ws://127.0.0.1:${plan.ports[number]}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      ...options,
    })
    let isOpen = false
    socket.once('open', () => (isOpen = true))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (number === 1) refuse(error.code ?? error.message)
      // As a balancer does that sends the next connection to the other process.
      else if (error.code === 'ECONNREFUSED') isRedirected = true
    })
    socket.once('close', (code) => {
      if (number === 1 && !isStopping) refuse(`closed with ${code}`)
      if (number === 0 && isOpen) this.cutAt ??= monotonicNow()
    })
    return socket
  }
}

let isStopping = false
const readers = plan.readers.map((planned) => new Reader(planned))

function openLink(reader: Reader): void {
  const env: Env = {
    clock: {
      now: Date.now,
      after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds)
        return () => clearTimeout(timer)
      },
    },
    random: Math.random,
    createId: () => crypto.randomUUID(),
    page: { isOnline: () => true, isVisible: () => true, on: () => () => {} },
    openSocket: () => reader.openSocket() as unknown as Socket,
    locks: undefined,
    openBroadcast: undefined,
    databases: undefined,
    tabStorage: undefined,
  }
  const { token, deviceId, channel } = reader.planned
  const link: Link = new Link({
    url,
    env,
    log: new Log(Date.now),
    deviceId: () => deviceId,
    accept: () => undefined,
    token: () => token,
    clockAhead: () => 0,
    onOpen: () => {
      const variables = { channelId: plan.channels[channel], after: reader.cursor }
      link.subscribe<{ events: StreamEvent }, object>(query, variables, {
        next: ({ events }) => reader.onEvent(events),
        error: ({ code, message }) => {
          if (code !== 'OFFLINE') refuse(`${code}: ${message}`)
        },
      })
    },
    onOffline: () => {},
    onRefused: (reason, message) => refuse(`${reason}: ${message}`),
    onReplaced: () => refuse('replaced'),
    settled: () => Promise.resolve(),
  })
  link.connect()
}

/** Without a cursor: the server knows what the device has confirmed. */
function openStock(reader: Reader): void {
  const { token, deviceId, channel } = reader.planned
  const webSocketImpl = function (): WebSocket {
    return reader.openSocket()
  }
  const client = createClient({
    url,
    connectionParams: { token, deviceId },
    webSocketImpl: Object.assign(webSocketImpl, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }),
  })
  client.subscribe<{ events: StreamEvent }>(
    { query, variables: { channelId: plan.channels[channel] } },
    {
      next: ({ data }) => reader.onEvent(data!.events),
      error: (error) => refuse(error instanceof Error ? error.message : `ended: ${JSON.stringify(error)}`),
      complete: () => refuse('complete'),
    },
  )
}

function report(): void {
  const cut = readers.filter(({ cutAt }) => cutAt !== undefined)
  const back = cut.filter(({ caughtUpAt }) => caughtUpAt !== undefined)
  const heldBy = plan.channels.map(() => Infinity)
  for (const { planned, last } of readers) heldBy[planned.channel] = Math.min(heldBy[planned.channel]!, last)
  notify({
    news: 'report',
    report: {
      cut: cut.length,
      firstCutAt: cut.reduce((first, { cutAt }) => Math.min(first, cutAt!), Infinity),
      caughtUpAt: back.map(({ caughtUpAt }) => caughtUpAt!),
      away: back.map(({ cutAt, caughtUpAt }) => caughtUpAt! - cutAt!),
      refused,
      lost: readers.reduce((sum, { lost }) => sum + lost, 0),
      doubled: readers.reduce((sum, { doubled }) => sum + doubled, 0),
      heldBy,
    },
  })
}

process.on('message', (order: StormOrder) => {
  if (!('order' in order)) return
  if (order.order === 'redirect') isRedirected = true
  else if (order.order === 'sent') sent[order.channel] = Math.max(sent[order.channel]!, order.index)
  else report()
})
process.once('SIGTERM', () => {
  isStopping = true
  process.exit()
})

/** Some at a time, so that the beginning is no storm. */
const open = plan.kind === 'fonechat' ? openLink : openStock
for (const [at, reader] of readers.entries()) {
  open(reader)
  while (at + 1 - connected > 100) await new Promise((resolve) => setTimeout(resolve, 5))
}
