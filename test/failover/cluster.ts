import { chown, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runStatement } from '../faults/stand.ts'
import { startHaproxy } from '../support/haproxy.ts'
import { substitute } from '../support/substitute.ts'
import { nobody } from '../support/unprivileged-user.ts'
import { waitFor } from '../support/wait.ts'
import { startEtcd, type Etcd } from './etcd.ts'
import { Machine } from './machine.ts'
import { openNetwork } from './network.ts'
import { prepareSystem } from './packages.ts'
import { readSettings } from './settings.ts'

const password = 'change-me'

/** Numbers of addresses: those of the page. */
const databases = [11, 12, 13] as const
const etcds = [21, 22, 23] as const
const proxy = 31

interface Member {
  readonly name: string
  readonly role: 'leader' | 'sync_standby' | 'replica'
  readonly state: string
  readonly timeline?: number
  readonly lag?: number | 'unknown'
}

/** A machine with Postgres and Patroni. */
export class DatabaseNode {
  readonly name: string
  readonly machine: Machine
  readonly #settings: string

  constructor(name: string, machine: Machine, settings: string) {
    this.name = name
    this.machine = machine
    this.#settings = settings
  }

  get address(): string {
    return this.machine.address
  }

  /** As the superuser, past whatever stands before it. */
  get url(): string {
    return `postgres://postgres:${password}@${this.address}/fonechat`
  }

  async start(): Promise<void> {
    const file = join(this.machine.scratch.path, 'patroni.yml')
    await writeFile(file, this.#settings)
    await chown(file, nobody, nobody)
    await this.machine.start(['/usr/bin/patroni', file])
  }

  async ask(path: string, init: RequestInit = {}, timeout = 2000): Promise<Response> {
    return fetch(`http://${this.address}:8008${path}`, { ...init, signal: AbortSignal.timeout(timeout) })
  }
}

/** Three databases under Patroni, etcd and HAProxy, on a network of their own. */
export class DatabaseCluster implements AsyncDisposable {
  readonly nodes: readonly DatabaseNode[]
  readonly etcd: Etcd
  readonly #proxyAddress: string
  readonly #started: AsyncDisposableStack

  private constructor(nodes: readonly DatabaseNode[], etcd: Etcd, proxyAddress: string, started: AsyncDisposableStack) {
    this.nodes = nodes
    this.etcd = etcd
    this.#proxyAddress = proxyAddress
    this.#started = started
  }

  static async start(): Promise<DatabaseCluster> {
    const { postgres } = prepareSystem()
    await using started = new AsyncDisposableStack()
    const network = started.use(await openNetwork([1, ...etcds, proxy]))
    const etcd = started.use(await startEtcd(etcds.map((number) => network.address(number))))
    const open = async (number: number, at: number): Promise<DatabaseNode> => {
      const machine = started.use(await Machine.open(number, network))
      const name = `pg${at + 1}`
      const folder = machine.scratch.path
      await mkdir(join(folder, 'run'))
      await chown(join(folder, 'run'), nobody, nobody)
      const settings = substitute('docs/failover.md', readSettings('yaml'), {
        'name: pg1': `name: ${name}`,
        '10.0.0.11': network.address(number),
        '10.0.0.2': network.address(2),
        '10.0.0.0/': `${network.address(0)}/`,
        '/var/lib/postgresql/15/fonechat': join(folder, 'data'),
        '/var/lib/postgresql/pgpass': join(folder, 'pgpass'),
        '/usr/lib/postgresql/15/bin': postgres,
        '/var/run/postgresql': join(folder, 'run'),
        // No machine loses its power here, and what a process has written the system has.
        wal_sender_timeout: 'fsync: false\n        full_page_writes: true\n        wal_sender_timeout',
      })
      return new DatabaseNode(name, machine, settings)
    }
    const nodes = await Promise.all(databases.map(open))
    // The first begins the cluster, which the others copy.
    await Promise.all(nodes.map((node) => node.start()))
    const haproxy = substitute('docs/failover.md', readSettings('haproxy'), {
      '10.0.0.': network.address(0).slice(0, -1),
    })
    started.use(await startHaproxy(haproxy))
    const cluster = new DatabaseCluster(nodes, etcd, network.address(proxy), started.move())
    try {
      await cluster.waitUntilWhole(90_000)
      await cluster.#prepare()
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
    return cluster
  }

  /** What an operator does once. */
  async #prepare(): Promise<void> {
    const primary = await this.primary()
    const maintenance = primary.url.replace(/fonechat$/, 'postgres')
    await runStatement(maintenance, `CREATE ROLE fonechat LOGIN PASSWORD '${password}'`)
    await runStatement(maintenance, 'CREATE DATABASE fonechat OWNER fonechat')
  }

  /** What fonechat is given: the address of HAProxy, or those of all databases. */
  url(way: 'HAProxy' | 'hosts'): string {
    const hosts = way === 'HAProxy' ? [this.#proxyAddress] : this.nodes.map(({ address }) => address)
    return `postgres://fonechat:${password}@${hosts.map((host) => `${host}:5432`).join()}/fonechat?target_session_attrs=primary`
  }

  /** What Patroni says of all members, asked from one that answers. */
  async members(): Promise<Member[]> {
    return Promise.any(
      this.nodes
        .filter(({ machine }) => machine.isRunning)
        .map(async (node) => {
          const response = await node.ask('/cluster')
          return ((await response.json()) as { members: Member[] }).members
        }),
    )
  }

  async primary(): Promise<DatabaseNode> {
    return waitFor(
      async () =>
        Promise.any(
          this.nodes
            .filter(({ machine }) => machine.isRunning)
            .map(async (node) => {
              const { status } = await node.ask('/primary')
              if (status !== 200) throw new Error(`${node.name} is not the primary`)
              return node
            }),
        ),
      { timeout: 30_000, interval: 100 },
    )
  }

  async synchronousStandby(): Promise<DatabaseNode> {
    const members = await this.members()
    const name = members.find(({ role }) => role === 'sync_standby')?.name
    return this.nodes.find((node) => node.name === name)!
  }

  /** Runs a statement on the primary. */
  async sql(statement: string): Promise<Record<string, unknown>[]> {
    const { url } = await this.primary()
    return runStatement(url, statement)
  }

  /** Waits until one of these nodes takes a write and has it where the others need it, and answers when. */
  async waitForWrites(nodes: readonly DatabaseNode[], timeout = 60_000): Promise<number> {
    const write = `SELECT pg_logical_emit_message(true, 'failover', '') WHERE NOT pg_is_in_recovery()`
    return waitFor(
      async () =>
        Promise.any(
          nodes
            .filter(({ machine }) => machine.isRunning)
            .map(async ({ url }) => {
              const rows = await runStatement(url, write)
              if (rows.length === 0) throw new Error('a standby')
              return performance.now()
            }),
        ),
      { timeout, interval: 50 },
    )
  }

  /** Waits until every database is there, follows the primary, and one of them is its synchronous standby. */
  async waitUntilWhole(timeout = 60_000, { isSynchronous = true } = {}): Promise<void> {
    await waitFor(
      async () => {
        const members = await this.members()
        const count = (role: Member['role']): number =>
          members.filter((member) => member.role === role && member.state === 'running').length
        const [leader] = members.filter(({ role }) => role === 'leader')
        const isFollowing = members.every(
          (member) => member.timeline === leader?.timeline && (member === leader || typeof member.lag === 'number'),
        )
        const isWhole = count('leader') === 1 && count('sync_standby') === Number(isSynchronous) && isFollowing
        return isWhole && count('replica') === (isSynchronous ? 1 : 2)
      },
      { timeout, interval: 200 },
    )
  }

  /** Changes the settings that etcd has for all members. */
  async configure(change: Readonly<Record<string, unknown>>): Promise<void> {
    const primary = await this.primary()
    const response = await primary.ask('/config', { method: 'PATCH', body: JSON.stringify(change) })
    if (!response.ok) throw new Error(`Patroni answers ${response.status}: ${await response.text()}`)
  }

  /** Waits until the primary knows whom it has to ask where etcd is away. */
  async waitForFailsafe(): Promise<void> {
    const primary = await this.primary()
    await waitFor(async () => {
      const known = (await (await primary.ask('/failsafe')).json()) as Record<string, string>
      return Object.keys(known).length === this.nodes.length
    })
  }

  /** A promotion by hand. */
  async switchOver(): Promise<void> {
    const [leader, candidate] = await Promise.all([this.primary(), this.synchronousStandby()])
    const body = JSON.stringify({ leader: leader.name, candidate: candidate.name })
    const response = await leader.ask('/switchover', { method: 'POST', body }, 30_000)
    if (!response.ok) throw new Error(`Patroni answers ${response.status}: ${await response.text()}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.disposeAsync()
  }
}
