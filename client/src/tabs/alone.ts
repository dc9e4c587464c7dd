import { memoryCopy } from '../copy/memory.ts'
import { closed } from '../errors.ts'
import { memoryQueue } from '../outbox/memory.ts'
import { Outcomes } from './outcomes.ts'
import type { AloneOptions, Host } from './types.ts'

/** Milliseconds, and up to as many more, after which it is another device where the server has another socket with this one. */
const replacedMilliseconds = 500

/** A tab that shares nothing and keeps nothing, with a device of its own (T4). */
export function openAlone({ env, log, store, createEngine }: AloneOptions): Host {
  const { clock, page, random, createId } = env
  const copy = memoryCopy(createId)
  const outcomes = new Outcomes()
  let isWanted = true
  let isClosed = false
  store.apply([{ kind: 'kept', isKept: false }])
  const engine = createEngine({
    copy,
    queue: memoryQueue(clock.now),
    onChanges: () => {},
    onOutcome: (id, outcome) => outcomes.settle(id, outcome),
    onReplaced: () => {
      void copy.clear()
      clock.after(replacedMilliseconds * (1 + random()), resume)
    },
    onNotKept: () => {},
  })
  const resume = (): void => {
    if (isWanted && !isClosed) engine.connect()
  }
  const assertOpen = (): void => {
    if (isClosed) throw closed()
  }
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    for (const stop of stops) stop()
    engine.stop()
    outcomes.close()
    store.apply([{ kind: 'connection', connection: { status: 'closed' } }])
  }
  // A socket keeps a page out of the back-forward cache.
  const stops = [
    ...(['freeze', 'pagehide'] as const).map((event) => page.on(event, () => engine.disconnect())),
    ...(['resume', 'pageshow'] as const).map((event) => page.on(event, resume)),
  ]
  // Not before the caller has its client: the application is asked for a token.
  void Promise.resolve().then(resume)
  return {
    isLeader: true,
    isSeen: (channelId) => page.isVisible() && store.shownChannelIds().has(channelId),
    request: (document, variables, options) => engine.request(document, variables, options),
    subscribe: (document, variables, next, onError = (error) => log.write('warn', 'a subscription ended', error)) =>
      engine.subscribe(document, variables, next, onError),
    apply: (changes) => engine.apply(changes),
    readKept: async () => {},
    enqueue: async (channelId, action) => {
      assertOpen()
      return engine.enqueue(channelId, action)
    },
    retry: async (id) => {
      assertOpen()
      outcomes.forget(id)
      await engine.retry(id)
    },
    discard: async (id) => {
      assertOpen()
      await engine.discard(id)
    },
    outcome: (id) => outcomes.of(id),
    connect: () => {
      isWanted = true
      resume()
    },
    disconnect: () => {
      isWanted = false
      engine.disconnect()
    },
    signOut: close,
    close,
  }
}
