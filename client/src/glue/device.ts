import { createId } from '../create-id.ts'

const storageKey = 'fonechat.deviceId'

/** Milliseconds in which a page that is being left, such as this one before a reload, gives up its lock. */
const patience = 1000

/** Milliseconds after which locks that do not answer are taken for missing. */
const deadline = 3000

type Release = () => void

/** Takes the lock of an id. Answers how to give it up; undefined when another tab has it. */
function takeLock(id: string): Promise<Release | undefined> {
  const waiting = new AbortController()
  return new Promise((resolve, reject) => {
    let isLate = false
    const busy = setTimeout(() => waiting.abort(), patience)
    const late = setTimeout(() => {
      isLate = true
      reject(new Error('the locks do not answer'))
    }, deadline)
    const answered = (): void => {
      clearTimeout(busy)
      clearTimeout(late)
    }
    navigator.locks
      .request(`fonechat-device-${id}`, { signal: waiting.signal }, () => {
        answered()
        return isLate ? undefined : new Promise<void>((release) => resolve(release))
      })
      .catch((error: unknown) => {
        answered()
        if (waiting.signal.aborted) resolve(undefined)
        else reject(error)
      })
  })
}

interface Claim {
  readonly id: string
  readonly release: Release
}

async function claim(): Promise<Claim> {
  const fresh = createId()
  try {
    const stored = sessionStorage.getItem(storageKey)
    const known = stored === null ? undefined : await takeLock(stored)
    if (stored !== null && known !== undefined) return { id: stored, release: known }
    const release = await takeLock(fresh)
    sessionStorage.setItem(storageKey, fresh)
    return { id: fresh, release: release ?? (() => {}) }
  } catch {
    // The id is this page's alone.
    return { id: fresh, release: () => {} }
  }
}

/**
 * The device of this tab, kept over reloads in `sessionStorage`. A duplicated tab begins with a copy of its id, so it belongs to the tab that
 * holds its lock. Where locks or the storage are missing (plain http, private modes, Node) the id lasts until it is released.
 */
export class TabDevice {
  #claim: Promise<Claim> | undefined

  /** Its id. Claims one when none is held: the one in the storage, unless another tab holds that. */
  async id(): Promise<string> {
    const { id } = await (this.#claim ??= claim())
    return id
  }

  /** Gives it up. A page that holds a lock cannot come back from the back-forward cache. */
  release(): void {
    void this.#claim?.then(({ release }) => release())
    this.#claim = undefined
  }

  /** Gives it up for good: what has it and does not know of this tab's lock is in another profile, a copy of this one. */
  replace(): void {
    this.release()
    try {
      sessionStorage.removeItem(storageKey)
    } catch {
      // It was not in the storage.
    }
  }
}
