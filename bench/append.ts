import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { ask, end } from './processes.ts'
import { percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { credentialsOf, prepareDatabase, productEnvironment, startProduct } from './servers.ts'

/**
 * From the call of an append to its readers: a hundred texts that are written at the same time, each with 20 pieces a second and 50 readers, who are members with
 * sockets of their own, on one process with the embedded engine. Of each text some readers are read in full, and put it together; the others only take
 * what comes. At the end every text is compared with what was written.
 */
const isQuick = process.argv.includes('--quick')
const profile = process.argv.find((argument) => argument.startsWith('--profile='))?.slice('--profile='.length)
const streams = isQuick ? 20 : 100
const readers = isQuick ? 10 : 50
const readInFull = 5
const seconds = isQuick ? 3 : 10
const pieceMilliseconds = 50
/** Of a user: a process lets it have 20 connections. */
const sockets = 20

/** As long as what a language model gives at a time; the number says which it is. */
const pieceOf = (number: number): string => `${String(number).padStart(7, '0')} `
const pieceLength = 8

const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }'
const append = 'mutation ($input: AppendToMessageInput!) { appendToMessage(input: $input) { length } }'
const finish = 'mutation ($input: FinishMessageInput!) { finishMessage(input: $input) { message { body } } }'
const live = `subscription ($channelId: ID!) { events(channelId: $channelId) {
  ... on Ready { cursor } ... on MessageAppended { messageId offset text } ... on MessageFinished { message { body } }
} }`

interface Text {
  readonly channelId: string
  messageId: string
  /** When each piece was sent. */
  readonly sentAt: number[]
  readonly finals: string[]
}

/** Connects a reader; one that is read in full notes when each piece came. */
async function connect(url: string, token: string, text: Text, waits: number[] | undefined): Promise<WebSocket> {
  const webSocket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false })
  const ready = Promise.withResolvers<void>()
  webSocket.once('error', ready.reject)
  webSocket.once('open', () => webSocket.send(JSON.stringify({ type: 'connection_init', payload: { token } })))
  let whole = ''
  let seen = 0
  webSocket.on('message', (data: Buffer) => {
    const now = performance.now()
    const { type, payload } = JSON.parse(data.toString()) as { type: string; payload?: { data: { events: never } } }
    if (type === 'connection_ack') {
      webSocket.send(
        JSON.stringify({
          id: '1',
          type: 'subscribe',
          payload: { query: live, variables: { channelId: text.channelId } },
        }),
      )
      return
    }
    if (type === 'ping') return webSocket.send('{"type":"pong"}')
    if (type !== 'next') return
    const event = payload!.data.events as { cursor?: string; offset?: number; text: string; message?: { body: string } }
    if (event.cursor !== undefined) {
      if (!waits) drain(webSocket)
      ready.resolve()
    } else if (event.message) {
      if (whole !== event.message.body) throw new Error('what was put together is not the final text')
      text.finals.push(whole)
    } else {
      whole = whole.slice(0, event.offset) + event.text
      for (; seen < Math.floor(whole.length / pieceLength); seen++) waits!.push(now - text.sentAt[seen]!)
    }
  })
  await ready.promise
  return webSocket
}

/** From now on what comes is taken and not looked at, which costs the load next to nothing. */
function drain(webSocket: WebSocket): void {
  const socket = (webSocket as unknown as { _socket: Socket })._socket
  socket.removeAllListeners('data')
  socket.on('data', () => {})
}

async function openTexts(sender: Sender, url: string, waits: number[]): Promise<Text[]> {
  const texts: Text[] = []
  for (let made = 0; made < streams; made++) {
    const [answer] = await sender.run([{ query: 'mutation { createChannel(input: {}) { channel { id } } }' }])
    texts.push({ channelId: answer!['createChannel'].channel.id, messageId: '', sentAt: [], finals: [] })
  }
  const places = texts.flatMap((text) => Array.from({ length: readers }, (_, at) => ({ text, at })))
  const users = Math.ceil(places.length / sockets)
  for (let user = 0; user < users; user++) {
    const identity = `reader-${user}`
    // Those of one text are different users.
    const own = places.filter((_, at) => at % users === user)
    const [token] = await sender.run([
      {
        query: 'mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) { token } }',
        variables: { input: { identity } },
      },
    ])
    await sender.run(
      own.map(({ text: { channelId } }) => ({
        query: 'mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }',
        variables: { input: { channelId, identity } },
      })),
    )
    await Promise.all(
      own.map(({ text, at }) =>
        connect(url, token!['createAccessToken'].token as string, text, at < readInFull ? waits : undefined),
      ),
    )
  }
  return texts
}

async function write(sender: Sender, text: Text, answers: number[]): Promise<void> {
  const { channelId } = text
  const [sent] = await sender.run([{ query: send, variables: { input: { channelId, body: '', isStreaming: true } } }])
  const messageId = sent!['sendMessage'].message.id as string
  const pieces = (seconds * 1000) / pieceMilliseconds
  const began = performance.now() + Math.random() * pieceMilliseconds
  for (let number = 0; number < pieces; number++) {
    await delay(Math.max(0, began + number * pieceMilliseconds - performance.now()))
    const calledAt = performance.now()
    text.sentAt.push(calledAt)
    const input = { messageId, offset: number * pieceLength, text: pieceOf(number) }
    await sender.run([{ query: append, variables: { input } }])
    answers.push(performance.now() - calledAt)
  }
  await sender.run([{ query: finish, variables: { input: { messageId, offset: pieces * pieceLength } } }])
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
const environment = productEnvironment(directory, {})
try {
  await prepareDatabase(environment)
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const { child, port } = await startProduct(environment, flags)
  const url = `ws://127.0.0.1:${port}/graphql`
  const authorization = credentialsOf(environment)
  // A connection has a limit of operations at once.
  const senders = await Promise.all(Array.from({ length: 10 }, () => Sender.open(url, { authorization })))
  const waits: number[] = []
  const answers: number[] = []
  const texts = await openTexts(senders[0]!, url, waits)
  const usedBefore = await ask(child, false)
  const before = process.cpuUsage()
  await Promise.all(texts.map((text, at) => write(senders[at % senders.length]!, text, answers)))
  const load = process.cpuUsage(before)
  const { process: used } = await ask(child, false)
  const server = used.user + used.system - usedBefore.process.user - usedBefore.process.system
  for (let tries = 0; texts.some(({ finals }) => finals.length < Math.min(readInFull, readers)); tries++) {
    if (tries > 100) throw new Error('some readers have no end')
    await delay(100)
  }
  const cell = (values: readonly number[], share: number): string => `${percentile(values, share).toFixed(0)} ms`
  const rows = [
    [
      'texts',
      'pieces a second',
      'readers',
      'answered p50 / p99',
      'at the reader p50 (at most 120) / p95 / p99',
      'server',
      'load',
    ],
    [
      String(streams),
      String((streams * 1000) / pieceMilliseconds),
      String(streams * readers),
      `${cell(answers, 0.5)} / ${cell(answers, 0.99)}`,
      `${cell(waits, 0.5)} / ${cell(waits, 0.95)} / ${cell(waits, 0.99)}`,
      `${Math.round((server * 100) / seconds)} %`,
      `${Math.round((load.user + load.system) / 10_000 / seconds)} %`,
    ],
  ]
  process.stdout.write(table(rows))
  await end(child, 'SIGTERM')
  process.exitCode = percentile(waits, 0.5) <= 120 ? 0 : 1
} finally {
  await rm(directory, { recursive: true, force: true })
}
process.exit()
