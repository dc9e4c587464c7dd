import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Backend, type ApiKey } from './backend.ts'
import { signExpiredToken } from './expired-token.ts'
import { FaultProxy } from './fault-proxy.ts'
import { copyData, ServerRuns } from './server-runs.ts'

export type { FaultProxy, Slowness } from './fault-proxy.ts'

export interface FonechatOptions {
  /** Folder of the package `fonechat`. By default the one that the project in the working directory has installed. */
  readonly server?: string
  /** Settings of the server, as in its environment. Store, auth token, host, port and public URL are given already. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Data directory of a server that has stopped, to begin with a copy of it: that is faster than a first start, and has its data. By
   * default the server begins as `npm start` does: with alice, bob and more people, and the channel `general` with messages.
   */
  readonly data?: string
}

/** A document as text, or one that knows the types of its data and variables, as code generators make them. */
export type Document<Data, Variables> =
  | string
  | { toString(): string; readonly __apiType?: ((variables: Variables) => Data) | undefined }

/** A running server of its own, in a temporary directory, and what a spec does to it. */
export interface Fonechat extends AsyncDisposable {
  /** Address of the server for clients, such as `http://127.0.0.1:41234`, through `proxy`. It stays the same when the server starts again. */
  readonly url: string
  /** What stands between `url` and the server: cuts, stalls, loses and slows the connections of clients. */
  readonly proxy: FaultProxy
  /** SID of the account. */
  readonly accountId: string
  /** SID of the account's default service. */
  readonly serviceId: string
  /** Auth token of the account, which the backend signs in with. */
  readonly authToken: string
  /** Another address of the same server, with faults of its own: one for each tab or user. Closed by `stop`. */
  openProxy(): Promise<FaultProxy>
  /** Makes an access token for a user, who is created when it is first used. Valid for an hour unless `ttlSeconds` (1 to 86,400) says otherwise. */
  token(identity: string, options?: { readonly ttlSeconds?: number }): Promise<string>
  /** Makes an access token that expired an hour ago. The server refuses it. */
  expiredToken(identity: string): Promise<string>
  /**
   * Calls the server as the backend, past all proxies, and answers the data.
   * Rejects when there is no answer within ten seconds, or one with errors.
   */
  backend<Data = Record<string, unknown>, Variables = Record<string, unknown>>(
    document: Document<Data, Variables>,
    variables?: Variables,
  ): Promise<Data>
  /**
   * Kills the server and starts it again with the same data, at the same `url`. Clients lose their connections. Takes some seconds.
   */
  restart(): Promise<void>
  /**
   * Loses what is written while `work` runs, as when a database is restored from a backup: streams of events that have seen some of it
   * deliver a `Gap`. The server starts twice, so clients lose their connections before and after. Takes some seconds.
   */
  gap(work: () => Promise<unknown>): Promise<void>
  /** Ends the server and all proxies, and removes the data. The second call does nothing. */
  stop(): Promise<void>
}

/**
 * Starts a fonechat server as a process, on the embedded engine, for specs. It ends with this process, however that ends. Takes a second or
 * two, on a first start some more.
 * @throws When the package is not installed, or the server does not start within a minute: with what it printed.
 */
export async function startFonechat(options: FonechatOptions = {}): Promise<Fonechat> {
  const directory = await mkdtemp(join(tmpdir(), 'fonechat-'))
  const runs = new ServerRuns(directory, options)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  stack.defer(() => runs.kill())
  if (options.data !== undefined) await copyData(options.data, runs.data)
  await runs.start()
  const proxy = stack.use(await FaultProxy.open(() => runs.port))
  const started = stack.move()
  const { accountId, serviceId } = runs.current
  const backend = new Backend(() => runs.current.port, accountId, runs.authToken)
  let key: Promise<ApiKey> | undefined
  const stop = (): Promise<void> => started.disposeAsync()
  return {
    url: proxy.url,
    proxy,
    accountId,
    serviceId,
    authToken: runs.authToken,
    openProxy: async () => started.use(await FaultProxy.open(() => runs.port)),
    token: (identity, { ttlSeconds } = {}) => backend.token(identity, ttlSeconds),
    expiredToken: async (identity) => {
      key ??= backend.createKey()
      return signExpiredToken({ accountId, serviceId, identity, ...(await key) })
    },
    backend: (document, variables) => backend.request(String(document), variables),
    restart: async () => {
      await runs.kill()
      await runs.start()
    },
    gap: (work) => runs.gap(work),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
