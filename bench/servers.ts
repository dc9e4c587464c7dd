import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { graphqlTransportWs, socketIo, type Protocol } from './load.ts'
import type { Reading } from './probe.ts'
import { Sender } from './sender.ts'

/** A server under load. */
export interface Bench {
  readonly port: number
  /** How so many subscribers of one channel connect. */
  protocols(count: number): Promise<Protocol[]>
  /** Publishes so many messages at once: to the subscribers, or to nobody, which tells what the sending itself costs. */
  publish(count: number, audience?: 'subscribers' | 'nobody'): Promise<unknown>
  read(collect?: boolean): Promise<Reading>
  close(): Promise<void>
}

export const body = 'The quick brown fox jumps over the lazy dog. '.repeat(5).slice(0, 200)

const selection = '{ id index body authorIdentity createdAt }'
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export const canPin = ((): boolean => {
  try {
    execFileSync('taskset', ['-cp', '1', String(process.pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

function startNode(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const [command, ...rest] = [
    ...(canPin ? ['taskset', '-c', '0'] : []),
    process.execPath,
    '--expose-gc',
    `--import=${at('probe.ts')}`,
    ...args,
  ]
  return spawn(command!, rest, {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

let questions = 0

async function ask(child: ChildProcess, collect: boolean): Promise<Reading> {
  const id = ++questions
  const answer = Promise.withResolvers<Reading>()
  const onMessage = (message: { id?: number; reading?: Reading }): void => {
    if (message.id === id) answer.resolve(message.reading!)
  }
  const onExit = (): void => answer.reject(new Error('the server has ended'))
  child.on('message', onMessage)
  child.once('exit', onExit)
  child.send({ read: id, collect })
  try {
    return await answer.promise
  } finally {
    child.off('message', onMessage)
    child.off('exit', onExit)
  }
}

/** The first line of its output, or message of its channel, that is what is waited for. */
async function firstOf<Found>(child: ChildProcess, find: (seen: string | object) => Found | undefined): Promise<Found> {
  let output = ''
  return new Promise((resolve, reject) => {
    const look = (seen: string | object): void => {
      const found = find(seen)
      if (found !== undefined) resolve(found)
    }
    child.stdout!.on('data', (text: Buffer) => look((output += String(text))))
    child.on('message', look)
    child.once('exit', (code) => reject(new Error(`the server has ended with ${code}: ${output}`)))
  })
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(timer)
}

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

export interface FonechatOptions {
  /** Databases of its own instead of the embedded ones. */
  readonly environment: Readonly<Record<string, string>>
  readonly profile?: string | undefined
}

/**
 * The product itself, as it starts for anyone, with a channel for each number of subscribers. Each subscriber is another member
 * with a token and a device of its own. Nothing is switched off.
 */
export class Fonechat implements AsyncDisposable {
  readonly #environment: Readonly<Record<string, string>>
  readonly #directory: string
  readonly #profile: string | undefined
  readonly #channels = new Map<number, Channel>()
  #quiet = ''

  private constructor(directory: string, { environment, profile }: FonechatOptions) {
    this.#directory = directory
    this.#profile = profile
    this.#environment = {
      DATA_DIR: directory,
      PORT: '0',
      LOG_LEVEL: 'warn',
      ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
      AUTH_TOKEN: randomBytes(16).toString('hex'),
      SECRET_KEY: randomBytes(32).toString('hex'),
      ...environment,
    }
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

  get #credentials(): string {
    const { ACCOUNT_SID, AUTH_TOKEN } = this.#environment
    return `Basic ${btoa(`${ACCOUNT_SID}:${AUTH_TOKEN}`)}`
  }

  async #prepare(sizes: readonly number[]): Promise<void> {
    const preparing = startNode([at('prepare.ts')], this.#environment)
    const [code] = (await once(preparing, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`preparing the database ended with ${code}`)
    const { child, port } = await this.#spawn([])
    const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization: this.#credentials })
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

  async #spawn(args: readonly string[]) {
    const child = startNode([...args, at('../src/main.ts')], { ...this.#environment, BENCH_BUS: '1' })
    const port = await firstOf(child, (seen) => {
      const found = typeof seen === 'string' ? /Subscriptions\s+ws:\/\/[^/]+:(\d+)\//.exec(seen) : undefined
      return found ? Number(found[1]) : undefined
    })
    return { child, port }
  }

  async start(size: number): Promise<Bench> {
    const profile = this.#profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${this.#profile}`]
    const { child, port } = await this.#spawn(profile)
    const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization: this.#credentials })
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
