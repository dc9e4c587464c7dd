import { createId } from '../create-id.ts'
import type { Env, Socket } from './types.ts'

/** What React Native, or any platform that is no browser, has for the client. Each `on…` returns the function that takes the listener away. */
export interface NativeAdapter {
  /** The platform's WebSocket: a global in React Native and Node 22, the package `ws` in Node 20. */
  readonly WebSocket: new (url: string, subprotocol: string) => unknown
  /** Whether the app is in the foreground: `AppState` of React Native. */
  readonly isActive: () => boolean
  readonly onActive: (listener: (isActive: boolean) => void) => () => void
  /** Whether there is a network: the package `@react-native-community/netinfo`. */
  readonly isOnline: () => boolean
  readonly onOnline: (listener: (isOnline: boolean) => void) => () => void
  /** A new id that nobody else has; needed where there is no `crypto`. */
  readonly createId?: () => string
}

/** A platform for `createClient({ env })`. Nothing is kept on the device: copy and outbox are in memory. */
export function nativeEnv(adapter: NativeAdapter): Env {
  return {
    clock: {
      now: () => Date.now(),
      after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds)
        return () => clearTimeout(timer)
      },
    },
    random: Math.random,
    createId: adapter.createId ?? createId,
    openSocket: (url) => new adapter.WebSocket(url, 'graphql-transport-ws') as Socket,
    page: {
      isOnline: adapter.isOnline,
      isVisible: adapter.isActive,
      on: (event, listener) => {
        if (event === 'online' || event === 'offline')
          return adapter.onOnline((isOnline) => isOnline === (event === 'online') && listener())
        if (event === 'visible' || event === 'hidden')
          return adapter.onActive((isActive) => isActive === (event === 'visible') && listener())
        return () => {}
      },
    },
    locks: undefined,
    openBroadcast: undefined,
    databases: undefined,
    tabStorage: undefined,
  }
}
