import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { graphqlTransportWs, socketIo, type Protocol } from './load.ts'
import type { Reading } from './probe.ts'
import { ask, at, end, firstOf, startNode } from './processes.ts'
import { Sender } from './sender.ts'

/** A server under load. */
export interface Bench {
  readonly port: number
  /** How so many subscribers of one channel connect. */
  protocols(count: number): Promise<Protocol[]>
  /** Publishes so many messages at once: to the subscribers, or to nobody, to measure what sending alone costs. */
  publish(count: number, audience?: 'subscribers' | 'nobody'): Promise<unknown>
  read(collect?: boolean): Promise<Reading>
  close(): Promise<void>
}

export const body = 'The quick brown fox jumps over the lazy dog. '.repeat(5).slice(0, 200)

const selection = '{ id index body authorIdentity createdAt }'

export async function startPeer(name: string): Promise<Bench> {
  const child = startNode([at(`peers/${name}.ts`)], {})
  const { port } = await firstOf(child, (seen) => (typeof seen === 'object' ? (seen as { port: number }) : undefined))
  return {
    port,
    protocols: async (count) =>
      Array.from({ length: count }, () =>
        name === 'socket.io'
          ? socketIo()
          : graphqlTransportWs({ query: `subscription { messageAdded ${selection} }` }, {}),
      ),
    publish: async (count) => void child.send({ publish: count, body }),
    read: (collect = false) => ask(child, collect),
    close: () => end(child, 'SIGKILL'),
  }
}

interface Member {
  readonly identity: string
  readonly token: string
}

interface Channel {
  readonly id: string
  readonly members: readonly Member[]
}

export type Environment = Readonly<Record<string, string>>

/** Settings with which the product starts on a free port, with an account of its own. */
export function productEnvironment(directory: string, more: Environment): Environment {
  return {
    DATA_DIR: directory,
    PORT: '0',
    LOG_LEVEL: 'warn',
    ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
    AUTH_TOKEN: randomBytes(16).toString('hex'),
    SECRET_KEY: randomBytes(32).toString('hex'),
    ...more,
  }
}

export const credentialsOf = ({ ACCOUNT_SID, AUTH_TOKEN }: Environment): string =>
  `Basic ${btoa(`${ACCOUNT_SID}:${AUTH_TOKEN}`)}`

/** Makes the database with which the product then starts. */
export async function prepareDatabase(environment: Environment): Promise<void> {
  const [code] = (await once(startNode([at('prepare.ts')], environment), 'exit')) as [number | null]
  if (code !== 0) throw new Error(`preparing the database ended with ${code}`)
}

/** Starts the product as it starts for anyone. */
export async function startProduct(environment: Environment, args: readonly string[] = [], core = 0) {
  const child = startNode([...args, at('../src/main.ts')], environment, core)
  const port = await firstOf(child, (seen) => {
    const found = typeof seen === 'string' ? /Subscriptions\s+ws:\/\/[^/]+:(\d+)\//.exec(seen) : undefined
    return found ? Number(found[1]) : undefined
  })
  return { child, port }
}

export interface FonechatOptions {
  /** Databases of its own instead of the embedded ones. */
  readonly environment: Environment
  readonly profile?: string | undefined
}

/**
 * The product itself, as it starts for anyone, with a channel for each number of subscribers. Each subscriber is another member
 * with a token and a device of its own. Nothing is switched off.
 */
export class Fonechat implements AsyncDisposable {
  readonly #environment: Environment
  readonly #directory: string
  readonly #profile: string | undefined
  readonly #channels = new Map<number, Channel>()
  #quiet = ''

  private constructor(directory: string, { environment, profile }: FonechatOptions) {
    this.#directory = directory
    this.#profile = profile
    this.#environment = productEnvironment(directory, { BENCH_BUS: '1', ...environment })
  }

  static async prepare(options: FonechatOptions, sizes: readonly number[]): Promise<Fonechat> {
    const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
    const fonechat = new Fonechat(directory, options)
    try {
      await fonechat.#prepare(sizes)
      return fonechat
    } catch (error) {
      await fonechat[Symbol.asyncDispose]()
      throw error
    }
  }

  async #prepare(sizes: readonly number[]): Promise<void> {
    await prepareDatabase(this.#environment)
    const { child, port } = await startProduct(this.#environment)
    const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, {
      authorization: credentialsOf(this.#environment),
    })
    try {
      this.#quiet = await createChannel(sender)
      for (const size of sizes) {
        const id = await createChannel(sender)
        this.#channels.set(size, { id, members: await createMembers(sender, id, size) })
      }
    } finally {
      sender.close()
      await end(child, 'SIGTERM')
    }
  }

  async start(size: number): Promise<Bench> {
    const profile = this.#profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${this.#profile}`]
    const { child, port } = await startProduct(this.#environment, profile)
    const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, {
      authorization: credentialsOf(this.#environment),
    })
    const { id: channelId, members } = this.#channels.get(size)!
    const send = (to: string): object => ({
      query: 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { index cursor } } }',
      variables: { input: { channelId: to, body } },
    })
    return {
      port,
      protocols: async (count) => {
        // As a client does that has shown the history and goes on from there.
        const [answer] = await sender.run([send(channelId) as never])
        const after = answer!['sendMessage'].message.cursor as string
        const operation = {
          query: `subscription Live($channelId: ID!, $after: String) { messageAdded(channelId: $channelId, after: $after) ${selection} }`,
          variables: { channelId, after },
        }
        return members
          .slice(0, count)
          .map(({ token, identity }) => graphqlTransportWs(operation, { token, deviceId: `${identity}-phone` }))
      },
      publish: (count, audience = 'subscribers') => {
        const message = send(audience === 'nobody' ? this.#quiet : channelId)
        return sender.run(Array.from({ length: count }, () => message as never))
      },
      read: (collect = false) => ask(child, collect),
      close: async () => {
        sender.close()
        await end(child, 'SIGTERM')
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}

async function createChannel(sender: Sender): Promise<string> {
  const [answer] = await sender.run([{ query: 'mutation { createChannel(input: {}) { channel { id } } }' }])
  return answer!['createChannel'].channel.id as string
}

async function createMembers(sender: Sender, channelId: string, count: number): Promise<Member[]> {
  const members: Member[] = []
  for (let first = 0; first < count; first += 50) {
    const identities = Array.from(
      { length: Math.min(50, count - first) },
      (_, more) => `member-${count}-${first + more}`,
    )
    const answers = await sender.run(
      identities.map((identity) => ({
        query:
          'mutation ($member: AddMemberInput!, $token: CreateAccessTokenInput!) ' +
          '{ addMember(input: $member) { member { id } } createAccessToken(input: $token) { token } }',
        variables: { member: { channelId, identity }, token: { identity } },
      })),
    )
    for (const [at, answer] of answers.entries()) {
      members.push({ identity: identities[at]!, token: answer['createAccessToken'].token as string })
    }
  }
  return members
}
