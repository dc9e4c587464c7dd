import { createId } from '../create-id.ts'
import type { Clock, Env, Page, PageEvent, Socket } from './types.ts'

const subprotocol = 'graphql-transport-ws'

const clock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

const targets: Readonly<Record<PageEvent, readonly ['window' | 'document', string]>> = {
  online: ['window', 'online'],
  offline: ['window', 'offline'],
  visible: ['document', 'visibilitychange'],
  hidden: ['document', 'visibilitychange'],
  freeze: ['document', 'freeze'],
  resume: ['document', 'resume'],
  pagehide: ['window', 'pagehide'],
  pageshow: ['window', 'pageshow'],
}

const page: Page = {
  isOnline: () => globalThis.navigator?.onLine ?? true,
  isVisible: () => globalThis.document?.visibilityState !== 'hidden',
  on: (event, listener) => {
    const [name, type] = targets[event]
    const target: EventTarget | undefined = name === 'window' ? globalThis.window : globalThis.document
    if (!target) return () => {}
    const wanted = event === 'visible' ? true : event === 'hidden' ? false : undefined
    const onEvent = (): void => {
      if (wanted === undefined || page.isVisible() === wanted) listener()
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
