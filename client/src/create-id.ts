/** A new id that nobody else has, as for a `clientMessageId`. Works where `crypto.randomUUID` does not exist: in pages over plain http. */
export function createId(): string {
  return (
    globalThis.crypto.randomUUID?.() ??
    [...globalThis.crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
  )
}
