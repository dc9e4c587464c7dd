import type { ChannelState, State } from '@fonechat/client'
import type { Way } from './way.ts'

/** What was seen so far. */
export interface Seen {
  readonly way: (Way & { readonly channelId: string }) | null
  /** Per client, up to which index of the way's channel messages have arrived: what makes dots. */
  readonly marks: readonly [number, number]
}

/** A message that passed one half of the wire. */
export interface Hop {
  readonly author: string
  readonly half: 'first' | 'second'
  readonly direction: 'in' | 'out'
}

interface Sent {
  readonly key: string
  readonly author: string
  readonly channelId: string
  readonly at: number
}

/** Looks at both clients and notes what is new about the last message that one of the two has sent. The same `seen` means nothing is new. */
export function follow(
  seen: Seen,
  states: readonly [State, State],
  now: number,
  sentAt: readonly [number | null, number | null],
): { readonly seen: Seen; readonly hops: readonly Hop[] } {
  const sent = newestSent(states)
  const isNew = sent !== null && sent.key !== seen.way?.key && sent.at >= (seen.way?.sentAt ?? 0) - 1
  const authorAt = states[0].session?.identity === (isNew ? sent.author : seen.way?.author) ? 0 : 1
  const before: Seen['way'] = isNew
    ? {
        key: sent.key,
        author: sent.author,
        channelId: sent.channelId,
        sentAt: sentAt[authorAt] ?? now,
        acceptedAt: null,
        index: null,
        deliveredAt: null,
        confirmedAt: null,
        readAt: null,
      }
    : seen.way
  if (before === null) return { seen, hops: [] }
  const isSameChannel = seen.way?.channelId === before.channelId
  const channels = states.map((state) => state.channels.get(before.channelId))
  const heads = channels.map((known) => known?.messages.at(-1)?.index ?? -1)
  const [firstHead = -1, secondHead = -1] = heads
  const way = advance(before, channels[authorAt], channels[1 - authorAt], states[1 - authorAt]?.session?.identity, now)
  const marks = isSameChannel
    ? ([Math.max(seen.marks[0], firstHead), Math.max(seen.marks[1], secondHead)] as const)
    : ([firstHead, secondHead] as const)
  const hops = isSameChannel ? [...hopsOf(states, channels, seen.marks)] : []
  const isSame = way === seen.way && marks[0] === seen.marks[0] && marks[1] === seen.marks[1]
  return { seen: isSame ? seen : { way, marks }, hops }
}

function newestSent(states: readonly [State, State]): Sent | null {
  let newest: Sent | null = null
  for (const { channels, session } of states) {
    for (const { channel, pending } of channels.values()) {
      // A reply that the channel does not show is not among its messages: its way cannot be seen here.
      const item = pending.findLast(
        ({ action, status }) =>
          action.kind === 'send' &&
          status !== 'failed' &&
          (action.parentId === undefined || action.showInChannel === true),
      )
      if (item?.action.kind !== 'send' || !session || item.createdAt < (newest?.at ?? 0)) continue
      newest = {
        key: item.action.clientMessageId,
        author: session.identity,
        channelId: channel.id,
        at: item.createdAt,
      }
    }
  }
  return newest
}

function advance<W extends Way>(
  way: W,
  author: ChannelState | undefined,
  other: ChannelState | undefined,
  identity: string | undefined,
  now: number,
): W {
  const isIt = ({ clientMessageId }: { readonly clientMessageId: string | null }): boolean =>
    clientMessageId === way.key
  const accepted = way.index === null ? author?.messages.findLast(isIt) : undefined
  const index = way.index ?? accepted?.index ?? null
  const delivered = way.deliveredAt === null ? other?.messages.findLast(isIt) : undefined
  const receipt = identity === undefined ? undefined : author?.receipts.get(identity)
  const has = (horizon: number | null | undefined): boolean => index !== null && horizon != null && horizon >= index
  const next = {
    index: index ?? delivered?.index ?? null,
    acceptedAt: way.acceptedAt ?? (accepted || delivered ? now : null),
    deliveredAt: way.deliveredAt ?? (delivered ? now : null),
    confirmedAt: way.confirmedAt ?? (has(receipt?.deliveredIndex) ? now : null),
    readAt: way.readAt ?? (has(receipt?.readIndex) ? now : null),
  }
  const isSame = (Object.keys(next) as (keyof typeof next)[]).every((name) => next[name] === way[name])
  return isSame ? way : { ...way, ...next }
}

function* hopsOf(
  states: readonly [State, State],
  channels: readonly (ChannelState | undefined)[],
  marks: readonly [number, number],
): Generator<Hop> {
  for (const at of [0, 1] as const) {
    const half = at === 0 ? 'first' : 'second'
    for (const { index, authorIdentity } of channels[at]?.messages.slice(-12) ?? []) {
      if (index <= marks[at]) continue
      const isOwn = authorIdentity === states[at].session?.identity
      yield { author: authorIdentity, half, direction: isOwn ? 'in' : 'out' }
    }
  }
}
