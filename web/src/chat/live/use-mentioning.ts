import type { ChannelState, Mentions } from '@fonechat/client'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { namedIn, type Name } from '../../lib/mentions.ts'
import type { Mentionable, Mentioning, Person } from '../model.ts'
import { personOf } from './names.ts'
import { usePageClient } from './page-client.ts'

/** People that the menu has at a time. */
const maxShown = 8
/** What the server takes of a message. */
const maxNamed = 50
/** How long one pauses typing before the server is asked, in milliseconds. */
const pauseMs = 150
/** How a text names everybody, and who that is. */
const everybody: Mentionable = { identity: null, name: 'channel', isOutside: false }

export interface UsedMentions extends Mentioning {
  /** Whom a draft names that said something else before. Who was named on another device and cannot be told by name here stays named while the text has an `@`. */
  readonly namedByDraft: (before: string, known: Mentions, text: string) => Mentions
  /** Whom an edited text names, where that has changed. Whom the message names without its text saying so stays named. */
  readonly namedByEdit: (before: string, known: Mentions, text: string) => Mentions | undefined
  /** What somebody is called, also one who is no member. */
  readonly nameOf: (identity: string) => string
}

/** Whom one can name in a channel: its members, those that the server finds, and everybody where the user may. */
export function useMentioning(known: ChannelState, self: Person, drafted: Mentions): UsedMentions {
  const client = usePageClient()
  const { id, membersCount } = known.channel
  const { members, membership } = known
  const [query, setQuery] = useState<string | null>(null)
  const [found, setFound] = useState<readonly Person[]>([])
  const chosen = useRef(new Map<string, Person>())
  const isComplete = members.size >= membersCount
  const isLacking = query !== null && !isComplete

  // Once each time that the menu opens: of larger channels the server finds the others.
  useEffect(() => {
    if (isLacking)
      void client
        .channel(id)
        .getMembers(100)
        .catch(() => {})
  }, [client, id, isLacking])

  useEffect(() => {
    if (query === null || query === '') return setFound([])
    const abort = new AbortController()
    const timer = setTimeout(() => {
      client.people.find(query, { first: maxShown, signal: abort.signal }).then(
        (users) => setFound(users.map(personOf)),
        // The members that are known are there without it.
        () => {},
      )
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [client, query])

  const strangers = (drafted.identities ?? []).filter((identity) => !members.has(identity)).join('\n')
  // Names of those whom a draft of another device names: without them the text does not say who that is.
  useEffect(() => {
    for (const identity of strangers.split('\n')) {
      if (identity === '' || chosen.current.has(identity)) continue
      client.people.find(identity, { first: maxShown }).then(
        (users) => {
          const user = users.find((one) => one.identity === identity)
          if (user) chosen.current.set(identity, personOf(user))
        },
        () => {},
      )
    }
  }, [client, strangers])

  const canNameAll = membership.role.permissions.includes('mentionChannel')
  const people = useMemo(
    () =>
      [...members.values()]
        .map(({ user }) => personOf(user))
        .filter(({ identity }) => identity !== self.identity)
        .toSorted((one, other) => one.name.localeCompare(other.name)),
    [members, self],
  )
  const find = useCallback(
    (wanted: string): readonly Mentionable[] => {
      const inside = people.filter((person) => begins(person, wanted))
      const outside = found.filter(
        ({ identity, name }) =>
          !members.has(identity) && identity !== self.identity && begins({ identity, name }, wanted),
      )
      const all = canNameAll && 'channel'.startsWith(wanted.toLowerCase()) ? [everybody] : []
      return [
        ...inside.map((person) => ({ ...person, isOutside: false })),
        ...all,
        // Of a larger channel it is not known who is in it.
        ...outside.map((person) => ({ ...person, isOutside: isComplete })),
      ].slice(0, maxShown)
    },
    [people, found, members, self, canNameAll, isComplete],
  )
  const namesOf = useCallback(
    (): readonly Name[] => [
      ...[...people, ...chosen.current.values()].flatMap(({ identity, name }) => [
        { name, key: identity },
        { name: identity, key: identity },
      ]),
      ...(canNameAll ? [{ name: everybody.name, key: '' }] : []),
    ],
    [people, canNameAll],
  )
  const namedBy = useCallback(
    (text: string): Mentions | undefined => {
      const named = namedIn(text, namesOf())
      const identities = [...named].filter((key) => key !== '').slice(0, maxNamed)
      return named.size > 0 ? { identities, channel: named.has('') } : undefined
    },
    [namesOf],
  )
  return {
    find,
    onQuery: setQuery,
    onChoose: ({ identity, name }) => {
      if (identity !== null) chosen.current.set(identity, { identity, name })
    },
    namedByDraft: (before, { identities = [] }, text) => {
      const [was, is] = [namedBy(before), namedBy(text)]
      const unsaid = text.includes('@') ? identities.filter((identity) => !was?.identities?.includes(identity)) : []
      return {
        identities: [...new Set([...(is?.identities ?? []), ...unsaid])].slice(0, maxNamed),
        channel: is?.channel === true,
      }
    },
    namedByEdit: (before, { identities = [], channel = false }, text) => {
      const [was, is] = [namedBy(before), namedBy(text)]
      const unsaid = identities.filter((identity) => !was?.identities?.includes(identity))
      const now = {
        identities: [...new Set([...unsaid, ...(is?.identities ?? [])])],
        channel: is?.channel === true || (channel && was?.channel !== true),
      }
      const isSame =
        now.channel === channel &&
        now.identities.length === identities.length &&
        now.identities.every((one) => identities.includes(one))
      return isSame ? undefined : now
    },
    nameOf: (identity) => chosen.current.get(identity)?.name ?? members.get(identity)?.user.friendlyName ?? identity,
  }
}

/** Whether one of the words of a name, or an identity, begins so. */
function begins({ identity, name }: Person, wanted: string): boolean {
  const [folded, query] = [name.toLowerCase(), wanted.toLowerCase()]
  return (
    folded.startsWith(query) ||
    identity.toLowerCase().startsWith(query) ||
    folded.split(/[\s\-_.]+/u).some((word) => word.startsWith(query))
  )
}
