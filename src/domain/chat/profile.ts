import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { User } from '../../model/user.ts'
import { parseLanguageTag, parseText } from '../validation.ts'

/** What a user shows of itself. What is left out stays; null removes. */
export interface ProfileInput {
  readonly avatarUrl?: string | null | undefined
  readonly status?: StatusInput | null | undefined
  readonly locale?: string | null | undefined
  readonly timeZone?: string | null | undefined
}

interface StatusInput {
  readonly text?: string | null | undefined
  readonly emoji?: string | null | undefined
  readonly until?: Date | null | undefined
}

export type Profile = Pick<User, 'avatarUrl' | 'statusText' | 'statusEmoji' | 'statusEndsAt' | 'locale' | 'timeZone'>

/** Checks what is given and answers what it changes. Throws BAD_USER_INPUT. */
export function parseProfile({ avatarUrl, status, locale, timeZone }: ProfileInput, now: number): Partial<Profile> {
  return {
    ...(avatarUrl !== undefined && { avatarUrl: avatarUrl === null ? null : parseAvatarUrl(avatarUrl) }),
    ...(status !== undefined && parseStatus(status, now)),
    ...(locale !== undefined && { locale: locale === null ? null : parseLanguageTag('locale', locale) }),
    ...(timeZone !== undefined && { timeZone: timeZone === null ? null : parseTimeZone(timeZone) }),
  }
}

function parseAvatarUrl(text: string): string {
  parseText('avatarUrl', text, limits.avatarUrlLength)
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw badInput('avatarUrl must be an http or https URL', 'avatarUrl')
  }
  // Every client would be shown them.
  if (url.username !== '' || url.password !== '') throw badInput('avatarUrl must not have credentials', 'avatarUrl')
  return text
}

function parseStatus(status: StatusInput | null, now: number) {
  const text = status?.text || null
  const emoji = status?.emoji || null
  const until = status?.until ?? null
  if (text !== null) parseText('text', text, limits.statusTextLength, undefined, 'status.text')
  if (emoji !== null) parseText('emoji', emoji, limits.statusEmojiLength, undefined, 'status.emoji')
  if (status !== null && text === null && emoji === null)
    throw badInput('a status must have a text or an emoji', 'status')
  if (until !== null && until.getTime() <= now) throw badInput('until must be in the future', 'status.until')
  return { statusText: text, statusEmoji: emoji, statusEndsAt: until }
}

/** Answers the name in the case of the time zone database. What is an alias stays one. */
function parseTimeZone(name: string): string {
  parseText('timeZone', name, limits.timeZoneLength)
  try {
    // An offset is no time zone: it says nothing about summer.
    if (!/^[a-z]/i.test(name)) throw new RangeError()
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name
  } catch {
    throw badInput('timeZone must be a name of the IANA time zone database, such as Europe/Berlin', 'timeZone')
  }
}

/** The status that holds now; null when there is none or it has ended. */
export function currentStatus(
  { statusText, statusEmoji, statusEndsAt }: Profile,
  now: number,
): { readonly text: string | null; readonly emoji: string | null; readonly until: Date | null } | null {
  if (statusText === null && statusEmoji === null) return null
  if (statusEndsAt !== null && statusEndsAt.getTime() <= now) return null
  return { text: statusText, emoji: statusEmoji, until: statusEndsAt }
}
