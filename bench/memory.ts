import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { liftLimits } from './limits.ts'
import { ask, end } from './processes.ts'
import { table } from './report.ts'
import { Sender } from './sender.ts'
import { body, credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * What the server keeps of what has passed: its memory after many sends and many connections that came and went, each with a device
 * and a subscription, and again after as many more. Every message is counted.
 */
const isQuick = process.argv.includes('--quick')
const sends = isQuick ? 20_000 : 200_000
const connects = isQuick ? 2000 : 20_000
const laps = isQuick ? 2 : 3
const senderCount = 64
const memberCount = 100
const most = 64

const mebibytes = (bytes: number): number => bytes / 2 ** 20

interface Reading {
  readonly when: string
  readonly resident: number
  readonly heap: number
}

/** Does it so often, so many at once. */
async function repeat(count: number, atOnce: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const each = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await work(at)
  }
  await Promise.all(Array.from({ length: atOnce }, each))
}

async function measureEngine(title: string, environment: Environment): Promise<void> {
  await prepareDatabase(environment)
  const { child, port } = await startProduct(environment)
  const url = `ws://127.0.0.1:${port}/graphql`
  const backend = await Sender.open(url, { authorization: credentialsOf(environment) })
  await liftLimits(backend)
  const request = async (query: string, variables: object = {}) =>
    (await backend.run([{ query, variables: variables as never }]))[0]!
  const channelId = (await request('mutation { createChannel(input: {}) { channel { id } } }'))['createChannel'].channel
    .id
  const tokens: string[] = []
  for (let at = 0; at < memberCount; at++) {
    const identity = `member-${at}`
    await request('mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }', {
      input: { channelId, identity },
    })
    const { createAccessToken } = await request(
      'mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) { token } }',
      { input: { identity } },
    )
    tokens.push(createAccessToken.token as string)
  }
  const senders = await Promise.all(tokens.slice(0, senderCount).map((token) => Sender.open(url, { token })))
  let sent = 0
  const send = async (at: number): Promise<void> => {
    const input = { channelId, body, clientMessageId: `${sent++}` }
    await senders[at % senderCount]!.run([
      {
        query: 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id index } } }',
        variables: { input },
      },
    ])
  }
  const visit = async (at: number): Promise<void> => {
    const visitor = await Sender.open(url, { token: tokens[at % memberCount]!, deviceId: `device-${at % 10}` })
    await visitor.run([
      { query: 'subscription ($id: ID!) { events(channelId: $id) { __typename } }', variables: { id: channelId } },
    ])
    visitor.close()
  }
  const readings: Reading[] = []
  const note = async (when: string): Promise<void> => {
    const { residentBytes, heapBytes } = await ask(child, true)
    readings.push({ when, resident: mebibytes(residentBytes), heap: mebibytes(heapBytes) })
    process.stderr.write(`${title}, ${when}: ${JSON.stringify(readings.at(-1))}\n`)
  }
  await note('start')
  for (let lap = 1; lap <= laps; lap++) {
    await repeat(sends, senderCount * 4, send)
    await note(`${lap * sends} sends`)
    await repeat(connects, 32, visit)
    await note(`${lap * connects} connections`)
  }
  const { channel } = await request('query ($id: ID!) { channel(id: $id) { messagesCount } }', { id: channelId })
  if (channel.messagesCount !== sent) throw new Error(`${channel.messagesCount} messages of ${sent}`)
  for (const sender of [backend, ...senders]) sender.close()
  await end(child, 'SIGTERM')
  const start = readings[0]!
  const rows = readings.map(({ when, resident, heap }) => [
    when,
    resident.toFixed(0),
    (resident - start.resident).toFixed(0),
    heap.toFixed(1),
  ])
  process.stdout.write(
    `### ${title}\n\n${table([['after', 'resident, MiB', 'above the start', 'heap, MiB'], ...rows])}\n`,
  )
  const above = readings[2]!.resident - start.resident
  process.stdout.write(`${above.toFixed(0)} MiB above the start, at most ${most}: ${above <= most ? 'yes' : 'no'}\n\n`)
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  {
    await using server = await startPostgresServer()
    await measureEngine('Postgres', productEnvironment(directory, { DATABASE_URL: server.url() }))
  }
  await measureEngine('Embedded', productEnvironment(join(directory, 'embedded'), {}))
} finally {
  await rm(directory, { recursive: true, force: true })
}
