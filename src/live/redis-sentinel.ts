import { connect as connectPlain } from 'node:net'
import { connect as connectEncrypted } from 'node:tls'
import { AbstractConnector, type Redis, type RedisOptions } from 'ioredis'
import type { RedisHost, SentinelAddress } from '../model/redis-url.ts'
import { PrimaryFinder } from './primary-finder.ts'
import { nodeOptions, openNode } from './redis-node.ts'

/** How often the primary is asked whether it still is it, in milliseconds. */
const roleMilliseconds = 1000

export interface PrimaryConnections {
  /** A connection to whichever server is the primary. */
  open(options: RedisOptions): Redis
  close(): void
}

/**
 * Opens connections to the primary that sentinels name. When another server becomes it, all are closed and made again to that one, and
 * `onLost` is told why. A former primary may go on to answer: it takes hints that nobody else hears of.
 */
export async function findPrimary(
  address: SentinelAddress,
  onLost: (reason: Error) => void,
): Promise<PrimaryConnections> {
  const { user: username, password, isEncrypted, name } = address
  const connections: Redis[] = []
  const leave = (reason: string): void => {
    onLost(new Error(reason))
    // Also one that is connecting, perhaps to a server that will never answer. That ends no client here: the connector does not reject.
    for (const each of connections) each.disconnect(true)
  }
  const finder = await PrimaryFinder.open(address, ({ host, port }) =>
    leave(`the primary ${name} is now ${host}:${port}`),
  )
  const Connector = connectorTo(() => finder.primary, isEncrypted)
  const timer = setInterval(() => void checkRole(), roleMilliseconds).unref()
  /** One that subscribes cannot ask. */
  const checkRole = async (): Promise<void> => {
    const asker = connections.find(({ status, mode }) => status === 'ready' && mode === 'normal')
    const [role] = (await asker?.role().catch(() => [])) ?? []
    if (role === 'slave') leave(`the primary ${name} has become a replica`)
  }
  return {
    open: (options) => {
      const connection = openNode(undefined, {
        Connector,
        ...(username && { username }),
        ...(password && { password }),
        ...(isEncrypted && { tls: {} }),
        ...options,
        // Here the connector looks at the server's role.
        enableReadyCheck: true,
      })
      connections.push(connection)
      return connection
    },
    close: () => {
      clearInterval(timer)
      finder.close()
    },
  }
}

/** What the client connects by. It must not reject: the client would end for good. */
function connectorTo(findPrimary: () => RedisHost, isEncrypted: boolean) {
  return class extends AbstractConnector {
    #to: RedisHost | undefined

    constructor() {
      super(nodeOptions.disconnectTimeout)
    }

    override connect() {
      this.#to = findPrimary()
      this.stream = isEncrypted ? connectEncrypted(this.#to) : connectPlain(this.#to)
      this.stream.once('error', (error) => (this.firstError = error))
      return Promise.resolve(this.stream)
    }

    /** Whether the server that was connected to is the primary by its own word and still by that of the sentinels. */
    override check({ role }: { readonly role?: string }): boolean {
      return role !== 'slave' && this.#to === findPrimary()
    }
  }
}
