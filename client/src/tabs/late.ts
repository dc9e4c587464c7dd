import { deferred } from '../deferred.ts'
import { ChatError, closed } from '../errors.ts'
import { inTime } from '../in-time.ts'
import { openUnwritten } from '../outbox/unwritten.ts'
import { openAlone } from './alone.ts'
import type { Host, LoadedOptions, SharedOptions } from './types.ts'

/** Time in which the code of tabs and copy has to be there, in milliseconds. */
const loadMilliseconds = 10_000
const maxWaiting = 1000

/** Loads what only a browser needs: the code of tabs and copy. */
export type Load = () => Promise<{ readonly openShared: (options: LoadedOptions) => Host }>

/**
 * A tab of a browser, whose code of tabs and copy is on its way (T11): calls wait for it, up to their own end. Where it has not come within 10
 * seconds the tab goes on alone.
 */
export function openLate(options: SharedOptions, load: Load): Host {
  const { env, log, store, url, service, identity } = options
  const unwritten = openUnwritten(env, [url, service, identity])
  const opening = deferred<Host>()
  opening.promise.catch(() => {})
  let host: Host | undefined
  let isWanted = true
  let isClosed = false
  let waiting = 0
  const open = (create: () => Host): void => {
    if (host || isClosed) return
    host = create()
    // At once: from the next turn on it would connect.
    if (!isWanted) host.disconnect()
    cancel()
    opening.resolve(host)
  }
  const fail = (error: unknown): void =>
    open(() => {
      log.write('warn', 'this tab goes on alone: the code of tabs and copy did not come', error)
      return openAlone(options)
    })
  const cancel = env.clock.after(loadMilliseconds, () => fail(undefined))
  load()
    .then(({ openShared }) => open(() => openShared({ ...options, unwritten })))
    .catch(fail)
  /** At once where the host is there. */
  const whenOpen = async <Result>(call: (opened: Host) => Result | Promise<Result>): Promise<Result> => {
    if (!host && (waiting += 1) > maxWaiting) throw new ChatError('UNAVAILABLE', `${maxWaiting} calls wait already`)
    return call(host ?? (await opening.promise))
  }
  const run = (call: (opened: Host) => void): void => {
    if (host) call(host)
    // That it was closed before is no fault.
    else whenOpen(call).catch(() => {})
  }
  return {
    get isLeader() {
      return host?.isLeader === true
    },
    isSeen: (channelId) => host?.isSeen(channelId) === true,
    request: (document, variables, requestOptions) =>
      host?.request(document, variables, requestOptions) ??
      inTime(env.clock, requestOptions?.signal, (resolve, reject) => {
        whenOpen((opened) => opened.request(document, variables, requestOptions)).then(resolve, reject)
        return () => {}
      }),
    subscribe: (document, variables, next, onError) => {
      let stop: (() => void) | undefined
      let isStopped = false
      run((opened) => {
        if (!isStopped) stop = opened.subscribe(document, variables, next, onError)
      })
      return () => {
        isStopped = true
        stop?.()
      }
    },
    apply: (changes) => run((opened) => opened.apply(changes)),
    readKept: (...stretch) => whenOpen((opened) => opened.readKept(...stretch)).catch(() => {}),
    enqueue: async (channelId, action) => {
      const forget = unwritten.note(channelId, action)
      try {
        return await whenOpen((opened) => opened.enqueue(channelId, action))
      } finally {
        forget()
      }
    },
    retry: (id) => whenOpen((opened) => opened.retry(id)),
    discard: (id) => whenOpen((opened) => opened.discard(id)),
    outcome: (id) => whenOpen((opened) => opened.outcome(id)),
    connect: () => {
      isWanted = true
      host?.connect()
    },
    disconnect: () => {
      isWanted = false
      host?.disconnect()
    },
    signOut: () => {
      unwritten.clear()
      return whenOpen((opened) => opened.signOut())
    },
    close: async () => {
      if (host) return host.close()
      isClosed = true
      cancel()
      opening.reject(closed())
      store.apply([{ kind: 'connection', connection: { status: 'closed' } }])
    },
  }
}
