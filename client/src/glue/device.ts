const storageKey = 'fonechat.deviceId'

/** Milliseconds after which locks that do not answer are taken for missing. */
const deadline = 2000

/** `crypto.randomUUID` is missing on pages that came over plain http. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether this tab has the lock now. It keeps it until it is gone. */
function takeLock(id: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('the locks do not answer')), deadline)
    navigator.locks
      .request(`fonechat-device-${id}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise(() => {})
      })
      .catch(reject)
  })
}

/**
 * The id of this tab's device, kept over reloads in `sessionStorage`. A duplicated tab begins with a copy of it, so it belongs to the tab that
 * holds its lock. Where locks or the storage are missing (plain http, private modes, Node) the id lasts as long as the page.
 */
export async function claimDevice(): Promise<string> {
  const fresh = randomId()
  try {
    const stored = sessionStorage.getItem(storageKey)
    if (stored !== null && (await takeLock(stored))) return stored
    await takeLock(fresh)
    sessionStorage.setItem(storageKey, fresh)
  } catch {
    // The id is this page's alone.
  }
  return fresh
}
