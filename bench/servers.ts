import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { engineIo, graphqlTransportWs, type Load } from './load.ts'

/** Processor seconds so far, in user and system mode. */
export interface Cpu {
  readonly user: number
  readonly system: number
}

export interface Bench {
  readonly name: string
  subscribe(load: Load, count: number): Promise<void>
  /** Publishes the bodies in one turn. */
  publish(bodies: string[]): Promise<void>
  /** Of the thread that delivers. */
  cpu(): Cpu
  /** Of the whole process. */
  processCpu(): Cpu
  residentBytes(): number
  close(): Promise<void>
}

const selection = '{ messageAdded { id index body authorIdentity createdAt } }'

/** The server's threads on one core, the load on the other. */
function pinned(args: string[], environment: Record<string, string>, ipc: boolean): ChildProcess {
  return spawn('taskset', ['-c', '0', process.execPath, ...args], {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
  })
}

function readCpu(path: string): Cpu {
  const text = readFileSync(path, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { user: Number(fields[11]) / 100, system: Number(fields[12]) / 100 }
}

function measures(pid: number) {
  return {
    cpu: () => readCpu(`/proc/${pid}/task/${pid}/stat`),
    processCpu: () => readCpu(`/proc/${pid}/stat`),
    residentBytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024,
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

export async function startPeer(name: string): Promise<Bench> {
  const child = pinned([fileURLToPath(new URL(`peers/${name}.ts`, import.meta.url))], {}, true)
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    name,
    subscribe: async (load, count) => {
      for (let at = 0; at < count; at++) {
        const protocol = name === 'socket-io' ? engineIo() : graphqlTransportWs(`subscription ${selection}`, {})
        await load.subscribe(port, protocol)
      }
    },
    publish: async (bodies) => void child.send({ bodies }),
    ...measures(child.pid!),
    close: () => stop(child),
  }
}

/** The product itself, as it starts for anyone: embedded, nothing switched off. Its subscribers are devices of members. */
export async function startFonechat(): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const child = pinned([main], { DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'warn' }, false)
  let greeting = ''
  while (!greeting.includes('A token for alice')) greeting += String((await once(child.stdout!, 'data'))[0])
  const url = /(http:\S+\/graphql)/.exec(greeting)![1]!
  const [, sid] = /Account SID\s+(\S+)/.exec(greeting)!
  const [, token] = /Auth token\s+(\S+)/.exec(greeting)!
  const authorization = `Basic ${btoa(`${sid}:${token}`)}`
  const request = async (query: string, variables: object) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data: any; errors?: unknown }
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  const { createChannel } = await request('mutation { createChannel(input: {}) { channel { id } } }', {})
  const channelId = createChannel.channel.id as string
  const members = 50
  const tokens: string[] = []
  for (let member = 0; member < members; member++) {
    const identity = `reader-${member}`
    await request('mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }', {
      input: { channelId, identity },
    })
    const { createAccessToken } = await request(
      'mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) { token } }',
      { input: { identity } },
    )
    tokens.push(createAccessToken.token as string)
  }
  const sendMessage = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }'
  const query = `subscription { messageAdded(channelId: "${channelId}") { id index body authorIdentity createdAt } }`
  let devices = 0
  return {
    name: 'fonechat',
    subscribe: async (load, count) => {
      for (let at = 0; at < count; at++) {
        const payload = { token: tokens[at % members], deviceId: `device-${devices++}` }
        await load.subscribe(Number(new URL(url).port), graphqlTransportWs(query, payload))
      }
    },
    publish: async (bodies) => {
      await Promise.all(bodies.map((body) => request(sendMessage, { input: { channelId, body } })))
    },
    ...measures(child.pid!),
    close: async () => {
      await stop(child)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
