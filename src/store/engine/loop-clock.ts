/** How often deadlines are looked at, in milliseconds. */
const tickMilliseconds = 50

/** Less than this is no pause but a busy process, whose callers wait all the same. */
const pauseMilliseconds = 1000

type Listener = (now: number) => void

let pauses = 0
let lastTickAt = 0
let timer: NodeJS.Timeout | undefined
const listeners = new Set<Listener>()

/**
 * The time, in milliseconds, in which this process was able to listen. While it was busy, or stopped, answers waited in the system: they are no
 * later for that, and what waits for them must not be told so. Runs while somebody watches.
 */
export function loopNow(): number {
  return performance.now() - pauses
}

/** Called with the time at every tick, until `unwatch`. */
export function watch(listener: Listener): void {
  listeners.add(listener)
  if (timer) return
  lastTickAt = performance.now()
  timer = setInterval(onTick, tickMilliseconds).unref()
}

export function unwatch(listener: Listener): void {
  listeners.delete(listener)
  if (listeners.size > 0) return
  clearInterval(timer)
  timer = undefined
}

function onTick(): void {
  const now = performance.now()
  const late = now - lastTickAt - tickMilliseconds
  if (late > pauseMilliseconds) pauses += late
  lastTickAt = now
  for (const listener of listeners) listener(loopNow())
}
