/** The time between two of the turns in which some are called, in milliseconds. */
const turnMilliseconds = 25

/**
 * Calls for each of the things, in a random order, at even times over so many milliseconds; for all that are left at once when the signal aborts.
 * Resolves when the last was called.
 */
export function spread<Thing>(
  things: readonly Thing[],
  milliseconds: number,
  hurried: AbortSignal,
  call: (thing: Thing) => void,
): Promise<void> {
  const waiting = shuffled(things)
  return new Promise((resolve) => {
    const began = performance.now()
    const onTurn = (): void => {
      const passed = hurried.aborted ? Infinity : performance.now() - began
      const due = passed >= milliseconds ? waiting.length : Math.ceil((passed / milliseconds) * things.length)
      const called = things.length - waiting.length
      for (const thing of waiting.splice(0, Math.max(0, due - called))) call(thing)
      if (waiting.length > 0) return
      clearInterval(timer)
      hurried.removeEventListener('abort', onTurn)
      resolve()
    }
    const timer = setInterval(onTurn, turnMilliseconds)
    hurried.addEventListener('abort', onTurn)
    onTurn()
  })
}

function shuffled<Thing>(things: readonly Thing[]): Thing[] {
  const all = [...things]
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1))
    ;[all[at], all[other]] = [all[other]!, all[at]!]
  }
  return all
}
