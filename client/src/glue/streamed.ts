/** Texts that are remembered; of more, the oldest wait for their end. */
const maxTexts = 500

/** Texts of messages that are being written, as their pieces came; null of one that has ended. */
export type StreamedTexts = Map<string, string | null>

/** Remembers the text with a piece. Undefined of a piece that leaves a hole, as of a text that was not heard from its beginning, and of one that has ended. */
export function appendText(
  texts: StreamedTexts,
  { messageId, offset, text }: { readonly messageId: string; readonly offset: number; readonly text: string },
): string | undefined {
  const known = texts.has(messageId) ? texts.get(messageId) : ''
  if (known == null || offset > known.length) return undefined
  const body = known.slice(0, offset) + text
  keepText(texts, messageId, body)
  return body
}

export function keepText(texts: StreamedTexts, id: string, text: string | null): void {
  texts.delete(id)
  texts.set(id, text)
  if (texts.size > maxTexts) texts.delete(texts.keys().next().value!)
}
