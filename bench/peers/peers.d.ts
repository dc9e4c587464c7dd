/**
 * What the bench uses of servers that only its own package installs, so that it is checked without them, and in the same way with them.
 */
declare module 'fastify' {
  import type { Server } from 'node:http'
  interface App {
    readonly server: Server
    readonly graphql: { readonly pubsub: { publish(event: { topic: string; payload: object }): void } }
    register(plugin: unknown, options: object): void
    ready(): Promise<void>
  }
  export default function fastify(): App
}

declare module 'mercurius' {
  const plugin: unknown
  export default plugin
}

declare module 'socket.io' {
  import type { Server as HttpServer } from 'node:http'
  interface Socket {
    join(room: string): void
  }
  export class Server {
    constructor(server: HttpServer, options: { transports: string[] })
    on(event: 'connection', listener: (socket: Socket) => void): void
    to(room: string): { emit(event: string, value: unknown): void }
  }
}
