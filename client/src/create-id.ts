/** A new id that nobody else has. Pages over plain http have no `randomUUID`. */
export function createId(): string {
  return (
    globalThis.crypto.randomUUID?.() ??
    [...globalThis.crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
  )
}
