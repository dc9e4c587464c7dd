import type { KnownProcess } from '../../../domain/process-calls.ts'
import {
  closeConnection,
  listConnections,
  openedAt,
  type LiveConnection as LiveConnectionModel,
} from '../../../domain/realtime/live-connection.ts'
import { builder } from '../builder.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { SilentProcess } from './silent-process.ts'

const ConnectionProtocol = builder.enumType('ConnectionProtocol', {
  description: 'The ways in which a client stays connected.',
  values: {
    WEBSOCKET: { value: 'websocket', description: 'A WebSocket, which carries any number of operations.' },
    SERVER_SENT_EVENTS: { value: 'sse', description: 'An event stream over HTTP, which carries one subscription.' },
  } as const,
})

const LiveConnection = builder.objectRef<LiveConnectionModel>('LiveConnection').implement({
  description: 'An open connection of a client to one of the processes of the server.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id of the connection, a UUID.' }),
    processId: t.exposeID('processId', { description: 'The id of the process that the client is connected to.' }),
    protocol: t.field({
      type: ConnectionProtocol,
      nullable: true,
      description:
        'The way in which the client is connected; null for one that only a newer version of the server knows.',
      resolve: ({ protocol }) => protocol,
    }),
    isSignedIn: t.exposeBoolean('isSignedIn', {
      description: 'Whether the client has signed in. A WebSocket is open before it has, for at most 5 seconds.',
    }),
    serviceId: t.exposeID('serviceId', {
      nullable: true,
      description: 'SID of the user’s service; null for a backend, and before the client has signed in.',
    }),
    userId: t.exposeID('userId', {
      nullable: true,
      description: 'SID of the user; null for a backend, and before the client has signed in.',
    }),
    identity: t.exposeString('identity', {
      nullable: true,
      description: 'Identity of the user; null for a backend, and before the client has signed in.',
    }),
    apiKeyId: t.exposeID('apiKeyId', {
      nullable: true,
      description:
        'SID of the API key with which a backend has signed in, or that has signed the user’s token; null where there is none.',
    }),
    deviceId: t.exposeString('deviceId', {
      nullable: true,
      description: 'The name that the client has given to its device; null when it has given none.',
    }),
    address: t.exposeString('address', {
      description: 'The IP address of the client, found behind proxies as `TRUST_PROXY` says.',
    }),
    connectedAt: t.field({
      type: 'DateTime',
      description: 'The time at which the connection was opened.',
      resolve: openedAt,
    }),
    subscriptionCount: t.exposeInt('subscriptionCount', { description: 'The number of open subscriptions.' }),
    bufferedBytes: t.exposeInt('bufferedBytes', {
      nullable: true,
      description:
        'The number of bytes that wait for the client to read; beyond `SOCKET_BUFFER_BYTES` it is disconnected. Null over Server-Sent Events.',
    }),
    queuedEvents: t.exposeInt('queuedEvents', {
      nullable: true,
      description:
        'The number of events that wait for the client to read; beyond 1,000 it is disconnected. Null over WebSocket.',
    }),
    unansweredMs: t.exposeInt('unansweredMs', {
      nullable: true,
      description:
        'The number of milliseconds for which the client has not confirmed what it was sent; null when it has confirmed everything up to the ' +
        'last second, and over Server-Sent Events.',
    }),
  }),
})

/** What a page has besides that of a connection; Pothos does not type it. */
interface Extra {
  readonly totalCount: number
  readonly silent: readonly KnownProcess[]
}

const LiveConnectionConnection = builder.connectionObject(
  {
    type: LiveConnection,
    name: 'LiveConnectionConnection',
    description: 'A page of open connections.',
    fields: (t) => ({
      totalCount: t.int({
        description: 'The number of connections in the whole list, of the processes that have answered.',
        resolve: (page) => (page as unknown as Extra).totalCount,
      }),
      silentProcesses: t.field({
        type: [SilentProcess],
        description: 'The processes that did not answer: their connections are missing from the list.',
        resolve: (page) => (page as unknown as Extra).silent,
      }),
    }),
  },
  { name: 'LiveConnectionEdge', description: 'An open connection and its position in the list.' },
)

builder.queryFields((t) => ({
  connections: t.connection(
    {
      type: LiveConnection,
      description:
        'Backend only, of the server’s own account: the open WebSockets and event streams of all processes, those first that were opened first. Each process has half a ' +
        'second to answer; those that do not are named. `first` or `last` is from 1 to 100, by default 25.',
      complexity: connectionCost,
      args: {
        serviceId: t.arg.id({
          required: false,
          description: 'SID of a service. Only connections of its users are listed; all by default.',
        }),
        identity: t.arg.string({
          required: false,
          description: 'Identity of users. Only their connections are listed; all by default.',
        }),
        processId: t.arg.id({
          required: false,
          description: 'Id of a process. Only connections to it are listed; all by default. NOT_FOUND when it is gone.',
        }),
        connectionId: t.arg.id({
          required: false,
          description: 'Id of a connection. Only this one is listed, and no process is waited for once it is found.',
        }),
      },
      resolve: async (_root, { serviceId, identity, processId, connectionId, ...args }, { app, actor }) => {
        const filter = { serviceId, identity, processId, connectionId }
        const { page, totalCount, silent } = await listConnections(app, actor, filter, args)
        return Object.assign(
          toConnection(page, ({ id }) => id, totalCount),
          { silent },
        )
      },
    },
    LiveConnectionConnection,
  ),
}))

const CloseConnectionInput = builder.inputType('CloseConnectionInput', {
  description: 'Input of `closeConnection`.',
  fields: (t) => ({
    connectionId: t.id({ required: true, description: 'Id of the connection to close, as `connections` lists it.' }),
  }),
})

builder.mutationFields((t) => ({
  closeConnection: t.field({
    type: builder.simpleObject('CloseConnectionPayload', {
      description: 'Payload of `closeConnection`.',
      fields: (f) => ({
        wasFound: f.boolean({
          description: 'Whether the connection was found, and closed. It is false for one that is closed already.',
        }),
        silentProcesses: f.field({
          type: [SilentProcess],
          description:
            'The processes that did not answer, where the connection was not found: one of them may have it.',
        }),
      }),
    }),
    description:
      'Backend only, of the server’s own account: closes an open connection, in whichever process it is. The client comes back at once and misses nothing: ' +
      'a WebSocket is closed with 4413, an event stream ends with UNAVAILABLE. Revoke a key or delete a user to keep it away.',
    args: {
      input: t.arg({ type: CloseConnectionInput, required: true, description: 'The connection to close.' }),
    },
    resolve: async (_root, { input }, { app, actor }) => {
      const { wasFound, silent } = await closeConnection(app, actor, input.connectionId)
      return { wasFound, silentProcesses: [...silent] }
    },
  }),
}))
