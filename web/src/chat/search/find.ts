import { channelName, type State } from '@fonechat/client'
import { addressOf, otherOf, personIn, personOf } from '../live/names.ts'
import type { PageClient } from '../live/page-client.ts'
import type { Person } from '../model.ts'

/** Something that was found, and what choosing it opens. */
export type Found =
  | {
      readonly kind: 'channel'
      readonly key: string
      readonly name: string
      readonly person: Person | null
      /** How an address names it. */
      readonly channel: string
      /** The id of a public channel that the user would join. */
      readonly toJoin: string | null
    }
  | { readonly kind: 'person'; readonly key: string; readonly person: Person }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly author: Person
      readonly channelName: string
      readonly channel: string
      readonly index: number
      readonly createdAt: string
      /** The text around the first match; every second piece is a match. */
      readonly snippet: readonly string[]
    }

const maxOfAKind = 7
/** Code units before the first match that a snippet shows. */
const lead = 32
const maxSnippet = 160

/** Channels of the user and people in them, by what is typed: found at once, without the server. The most recently active come first. */
export function findKnown(joined: State['channels'], self: Person, query: string): readonly Found[] {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean)
  const matches = (name: string): boolean => {
    const parts = name.toLocaleLowerCase().split(/[\s\-_.]+/u)
    return words.every(
      (word) => parts.some((part) => part.startsWith(word)) || name.toLocaleLowerCase().startsWith(word),
    )
  }
  const all = [...joined.values()].toSorted(
    (a, b) => Date.parse(b.messages.at(-1)?.createdAt ?? '') - Date.parse(a.messages.at(-1)?.createdAt ?? ''),
  )
  const channels = all
    .filter((known) => matches(channelName(known)))
    .slice(0, maxOfAKind)
    .map((known): Found => {
      const channel = addressOf(known)
      return {
        kind: 'channel',
        key: known.channel.id,
        name: channelName(known),
        person: otherOf(known, self.identity),
        channel,
        toJoin: null,
      }
    })
  const withChannel = new Set(channels.map((found) => (found.kind === 'channel' ? found.person?.identity : undefined)))
  const people = new Map(
    all.flatMap(({ members }) => [...members.values()].map(({ user }) => [user.identity, personOf(user)] as const)),
  )
  const persons = [...people.values()]
    .filter(({ identity, name }) => identity !== self.identity && !withChannel.has(identity) && matches(name))
    .slice(0, maxOfAKind)
    .map((person): Found => ({ kind: 'person', key: `person:${person.identity}`, person }))
  return words.length === 0 ? channels : [...channels, ...persons]
}

/** Channels, people and messages by what is typed, from the server. Rejects with the client's error. */
export async function findAll(
  { search, getSnapshot }: Pick<PageClient, 'search' | 'getSnapshot'>,
  self: Person,
  query: string,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const [named, { items }] = await Promise.all([
    search.quickSwitcher(query, { first: 2 * maxOfAKind, signal }),
    search.messages(query, { first: maxOfAKind, signal }),
  ])
  const joined = getSnapshot().channels
  const known = findKnown(joined, self, query)
  const keys = new Set(
    known.flatMap((found) => (found.kind === 'channel' ? [found.key, found.person?.identity] : [found.key])),
  )
  const others = named.flatMap((one): Found[] => {
    if (one.__typename === 'User') {
      const key = `person:${one.identity}`
      if (one.identity === self.identity || keys.has(key) || keys.has(one.identity)) return []
      return [{ kind: 'person', key, person: personOf(one) }]
    }
    if (keys.has(one.id) || joined.has(one.id)) return []
    const name = channelName({ channel: one })
    return [{ kind: 'channel', key: one.id, name, person: null, channel: one.uniqueName ?? one.id, toJoin: one.id }]
  })
  const messages = items.flatMap(({ message: { message }, highlights }): Found[] => {
    const channel = joined.get(message.channelId)
    if (!channel) return []
    return [
      {
        kind: 'message',
        key: message.id,
        author: message.author ? personOf(message.author) : personIn(channel, message.authorIdentity),
        channelName: channelName(channel),
        channel: addressOf(channel),
        index: message.index,
        createdAt: message.createdAt,
        snippet: snippetOf(message.body, highlights),
      },
    ]
  })
  return [...known, ...others, ...messages]
}

function snippetOf(
  body: string,
  highlights: readonly { readonly start: number; readonly end: number }[],
): readonly string[] {
  const begin = Math.max(0, (highlights[0]?.start ?? 0) - lead)
  const from = begin === 0 ? 0 : body.indexOf(' ', begin) + 1 || begin
  const parts: string[] = []
  let at = from
  for (const { start, end } of highlights) {
    if (start < at || end > from + maxSnippet) continue
    parts.push(body.slice(at, start), body.slice(start, end))
    at = end
  }
  parts.push(body.slice(at, from + maxSnippet))
  return from > 0 ? [`… ${parts[0] ?? ''}`, ...parts.slice(1)] : parts
}
