/** How often deadlines are checked, in milliseconds. */
const tickMilliseconds = 50

/** A shorter pause counts as time, in milliseconds: the process was busy, not stopped. */
const pauseMilliseconds = 1000

type Listener = (now: number) => void

let pauses = 0
let lastTickAt = 0
let timer: NodeJS.Timeout | undefined
const listeners = new Set<Listener>()

/**
 * The time, in milliseconds, without the pauses of this process. While it was stopped, answers waited in the system, so their deadlines must not
 * pass. Runs while there are listeners.
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
