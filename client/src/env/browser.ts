import { createId } from '../create-id.ts'
import type { Clock, Env, Page, Socket } from './types.ts'

const subprotocol = 'graphql-transport-ws'

const clock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

const page: Page = {
  isOnline: () => globalThis.navigator?.onLine ?? true,
  isVisible: () => globalThis.document?.visibilityState !== 'hidden',
  on: (event, listener) => {
    const isVisibility = event === 'visible' || event === 'hidden'
    const isOfDocument = isVisibility || event === 'freeze' || event === 'resume'
    const target: EventTarget | undefined = isOfDocument ? globalThis.document : globalThis.window
    if (!target) return () => {}
    const type = isVisibility ? 'visibilitychange' : event
    const onEvent = (): void => {
      if (!isVisibility || page.isVisible() === (event === 'visible')) listener()
    }
    target.addEventListener(type, onEvent)
    return () => target.removeEventListener(type, onEvent)
  },
}

/** Where the user has forbidden it the access itself throws. */
function tabStorage(): Storage | undefined {
  try {
    return globalThis.window?.sessionStorage
  } catch {
    return undefined
  }
}

/** The browser, and Node as far as it has the same. Reads globals when called, never at import. */
export function browserEnv(): Env {
  return {
    clock,
    random: Math.random,
    createId,
    page,
    openSocket: (url) => new WebSocket(url, subprotocol) as Socket,
    locks: globalThis.navigator?.locks,
    openBroadcast: globalThis.window && globalThis.BroadcastChannel ? (name) => new BroadcastChannel(name) : undefined,
    databases: globalThis.indexedDB,
    tabStorage: tabStorage(),
  }
}
