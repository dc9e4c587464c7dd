import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import {
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  ServiceDocument,
  UpdateServiceDocument,
} from '../../schema/generated/graphql.ts'
import { freePort } from '../support/free-port.ts'
import { Caller, User } from '../support/kit.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer, type ServerBinary } from '../support/server-binary.ts'
import { systemCommand } from '../support/system-command.ts'
import { createTestDatabase, dropTestDatabase } from '../support/template-database.ts'
import { unlimited } from '../support/unlimited.ts'
import type { Certificate } from './proxies.ts'

const authToken = 'the-token-of-the-backend'

/** Two processes that are one server, and as many more as a test adds. */
export class Stand implements AsyncDisposable {
  readonly certificate: Certificate
  readonly accountId: string
  readonly #own: AsyncDisposableStack
  readonly #settings: Readonly<Record<string, string>>
  readonly #running = new Map<string, ServerBinary>()

  private constructor(own: AsyncDisposableStack, settings: Record<string, string>, certificate: Certificate) {
    this.#own = own
    this.#settings = settings
    this.certificate = certificate
    this.accountId = settings['ACCOUNT_SID']!
  }

  static async open({ postgresUrl, redisUrl }: { postgresUrl: string; redisUrl: string }): Promise<Stand> {
    const own = new AsyncDisposableStack()
    const databaseUrl = await createTestDatabase(postgresUrl)
    own.defer(() => dropTestDatabase(postgresUrl, databaseUrl))
    const certificate = await makeCertificate()
    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, certificate.certificate])
    own.defer(() => setDefaultCACertificates(trusted))
    const settings = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      SECRET_KEY: 'ab'.repeat(32),
      ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      AUTH_TOKEN: authToken,
      LOG_LEVEL: 'warn',
      // What operators have.
      DRAIN_DELAY: '2',
      TRUST_PROXY: '1',
    }
    return new Stand(own, settings, certificate)
  }

  /** Starts a process, and answers its host and port. */
  async start(settings: Record<string, string> = {}): Promise<string> {
    const port = settings['PORT'] ?? String(await freePort())
    const process = this.#own.use(await spawnServer({ ...this.#settings, PORT: port, ...settings }))
    await process.ready()
    const address = `127.0.0.1:${port}`
    this.#running.set(address, process)
    return address
  }

  process(address: string): ServerBinary {
    return this.#running.get(address)!
  }

  /** Replaces the process at this address, as an upgrade does. */
  async restart(address: string): Promise<void> {
    const process = this.process(address)
    process.kill('SIGTERM')
    const code = await process.exited()
    if (code !== 0) throw new Error(`the process ended with ${code}`)
    await this.start({ PORT: address.split(':')[1]! })
  }

  backendAt(url: string): Caller {
    return new Caller({ url }, this.authorization)
  }

  get authorization(): string {
    return `Basic ${btoa(`${this.accountId}:${authToken}`)}`
  }

  /** A channel with one member, who may do more than any person does. */
  async room(url: string, identity: string): Promise<{ channelId: string; user: User }> {
    const backend = this.backendAt(url)
    const { createChannel } = await backend.request(CreateChannelDocument, { input: {} })
    const channelId = createChannel.channel.id
    const { service } = await backend.request(ServiceDocument)
    await backend.request(UpdateServiceDocument, { input: { serviceId: service!.id, limits: unlimited } })
    await backend.request(AddMemberDocument, { input: { channelId, identity } })
    const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input: { identity } })
    return { channelId, user: new User({ url }, identity, createAccessToken.token) }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#own.disposeAsync()
  }
}

async function makeCertificate(): Promise<Certificate> {
  await using scratch = await makeScratch()
  const [key, certificate] = [join(scratch.path, 'key.pem'), join(scratch.path, 'certificate.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const name = ['-subj', '/CN=chat.example.com', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync(
    systemCommand(['openssl'], 'openssl'),
    ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', certificate],
    { stdio: 'pipe', timeout: 10_000 },
  )
  return { certificate: readFileSync(certificate, 'utf8'), privateKey: readFileSync(key, 'utf8') }
}
