import { builder } from '../builder.ts'

export const RefusalKind = builder.enumType('RefusalKind', {
  description: 'The limits that something can meet which is refused with RATE_LIMITED or 4412, or dropped.',
  values: {
    SENDS: { value: 'sends', description: 'Too many calls of `sendMessage` of a user.' },
    OPERATIONS: { value: 'operations', description: 'Too many other fields of Query and Mutation of a user.' },
    TYPING: { value: 'typing', description: 'Too many calls of `startTyping` of a user, which have had no effect.' },
    SOCKETS: { value: 'sockets', description: 'Too many open WebSockets of a user.' },
    SUBSCRIPTIONS: { value: 'subscriptions', description: 'Too many open subscriptions of a user.' },
    SOCKET_OPERATIONS: { value: 'socket_operations', description: 'Too many operations under way on one WebSocket.' },
    KEY: { value: 'key', description: 'Too many fields that were asked for with one API key.' },
    TIME: { value: 'time', description: 'Too much of the time of the process for one user.' },
  } as const,
})
