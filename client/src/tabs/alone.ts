import { Outcomes } from './outcomes.ts'
import type { Host, HostOptions } from './types.ts'

/** A tab that shares nothing (T4): where there are no locks, no channel between tabs or no database. */
export function openAlone({ env, store, log, createEngine, openMemory }: HostOptions): Host {
  const kept = openMemory()
  const outcomes = new Outcomes()
  let isWanted = true
  const engine = createEngine({
    ...kept,
    onChanges: () => {},
    onOutcome: (id, outcome) => outcomes.settle(id, outcome),
    // Nobody else has this device, so it was the same socket seen twice: with another device it cannot happen again.
    onReplaced: () => void kept.copy.clear().then(() => isWanted && engine.connect()),
    onNotKept: (error) => log.write('error', 'the copy in memory was not written', error),
  })
  // An open socket keeps a page out of the back-forward cache.
  const leave = (): void => engine.disconnect()
  const rejoin = (): void => {
    if (isWanted) engine.connect()
  }
  const { page } = env
  const listeners = [
    page.on('freeze', leave),
    page.on('pagehide', leave),
    page.on('resume', rejoin),
    page.on('pageshow', rejoin),
  ]
  const close = async (): Promise<void> => {
    isWanted = false
    for (const remove of listeners) remove()
    engine.stop()
    store.apply([{ kind: 'connection', connection: { status: 'closed' } }])
    outcomes.close()
    await kept.copy.close()
  }
  void engine.start().catch((error: unknown) => log.write('error', 'the client did not start', error))
  return {
    isLeader: true,
    request: (document, variables, options) => engine.request(document, variables, options),
    subscribe: (document, variables, next) => engine.subscribe(document, variables, next),
    apply: (changes) => engine.apply(changes),
    enqueue: (channelId, action) => engine.enqueue(channelId, action),
    retry: (id) => {
      outcomes.forget(id)
      return engine.retry(id)
    },
    discard: (id) => engine.discard(id),
    outcome: (id) => outcomes.of(id),
    connect: () => {
      isWanted = true
      engine.connect()
    },
    disconnect: () => {
      isWanted = false
      engine.disconnect()
    },
    signOut: async () => {
      engine.stop()
      await Promise.all([kept.queue.clear(), kept.copy.clear()])
      await close()
    },
    close,
  }
}
