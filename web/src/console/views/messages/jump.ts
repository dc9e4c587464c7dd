import { MessagePlaceDocument } from '../../generated/messages.ts'
import type { MessagesAround } from '../../generated/types.ts'
import { sidPrefix } from '../../kit/names.ts'
import { useData } from '../../kit/use-data.ts'
import { messagesTexts as texts } from '../../texts/en/messages.ts'

/** What a person writes to jump to: an index, a SID, or a date with or without a time. Undefined for anything else. */
export function parseJump(text: string): MessagesAround | { readonly sid: string } | undefined {
  if (/^\d{1,10}$/u.test(text)) return { index: Number(text) }
  if (sidPrefix(text) === 'IM') return { sid: text }
  if (!/^\d{4}-\d{2}-\d{2}/u.test(text)) return undefined
  // Without a zone it is a time of this browser.
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/u.test(text) ? `${text}T00:00` : text)
  return Number.isNaN(date.getTime()) ? undefined : { moment: date.toISOString() }
}

export type Jump =
  | { readonly state: 'none' | 'reading' }
  | { readonly state: 'there'; readonly around: MessagesAround }
  | { readonly state: 'wrong'; readonly says: string }

/** Where in a channel the list is to begin. */
export function useJump(channelId: string, text: string | undefined): Jump {
  const parsed = text === undefined ? undefined : parseJump(text)
  const sid = parsed && 'sid' in parsed ? parsed.sid : undefined
  const { data } = useData(MessagePlaceDocument, { id: sid ?? '' }, { enabled: sid !== undefined })
  if (text === undefined) return { state: 'none' }
  if (!parsed) return { state: 'wrong', says: texts.noSuchJump }
  if (!('sid' in parsed)) return { state: 'there', around: parsed }
  if (data === undefined) return { state: 'reading' }
  if (data.message?.channelId !== channelId) return { state: 'wrong', says: texts.noSuchMessage }
  return { state: 'there', around: { index: data.message.index } }
}
