import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { Client } from 'graphql-ws'
import type { TabOptions, TabReport } from './browser-tab.ts'

/** What a browser gives a page, as far as Node does not: the storage of the tab, and a clock that stands until it is moved. */
const { code, token, storage, tokenFailures } = workerData as TabOptions & { readonly code: string }
const report = (message: TabReport): void => parentPort!.postMessage(message)

const stored = new Map(Object.entries(storage))
let failures = tokenFailures
Object.assign(globalThis, {
  sessionStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => {
      stored.set(key, value)
      report({ stored: Object.fromEntries(stored) })
    },
  },
  fetchToken: async () => {
    if (failures-- > 0) throw new Error('the token cannot be fetched')
    return token
  },
})
Object.assign(console, {
  log: (data: unknown) => report({ data }),
  error: (error: { readonly code?: number }) => report({ failure: String(error.code ?? JSON.stringify(error)) }),
})

mock.timers.enable({ apis: ['setTimeout'] })
parentPort!.on('message', (milliseconds: number) => {
  mock.timers.tick(milliseconds)
  // What waited for it goes on before it is said to be over.
  void turn().then(() => report({ ticked: true }))
})

const { client } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { client: Client }
client.on('connecting', () => report({ event: 'connecting' }))
client.on('connected', () => report({ event: 'connected' }))
client.on('error', () => report({ event: 'error' }))
client.on('closed', (event) => report({ event: 'closed', code: (event as { code: number }).code }))
client.on('ping', (isReceived) => isReceived || report({ event: 'asked' }))
client.on('pong', (isReceived) => isReceived && report({ event: 'answered' }))
