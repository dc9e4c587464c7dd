import type { ListedChannelFieldsFragment, MessagesQuery } from '../graphql/generated/types.ts'
import type { Change } from '../store/change.ts'
import type { State } from '../store/state.ts'

/** What a page of the channel list says; `before` is the state when it was asked for. */
export function listedChanges(
  listed: readonly ListedChannelFieldsFragment[],
  before: Pick<State, 'viewerCursor' | 'channels'>,
): Change[] {
  return listed.flatMap(({ channel: { lastMessage, members, ...channel }, ...membership }): Change[] => {
    const channelId = channel.id
    const asOf = before.viewerCursor
    const readAt = before.channels.get(channelId)?.position ?? null
    return [
      { kind: 'joined', channel, membership, head: lastMessage?.index ?? -1, asOf, readAt },
      ...(lastMessage ? [{ kind: 'messages', channelId, messages: [lastMessage], covered: null } as const] : []),
      { kind: 'members', channelId, members: members.nodes, totalCount: members.totalCount, readAt },
    ]
  })
}

export interface MessagePage {
  readonly channelId: string
  /** Index that the page ends before; null when it was read from the newest message. */
  readonly before: number | null
  /** Index that the page begins after; null when it was read from its end. */
  readonly after: number | null
  /** Index of the newest message that was known when the page was asked for: the page has everything up to it that there is. */
  readonly head: number
}

/** What a page of messages says: the messages, and the interval of which it is all. */
export function messagePageChanges(
  { channelId, before, after, head }: MessagePage,
  channel: Omit<NonNullable<MessagesQuery['channel']>, 'id'>,
): Extract<Change, { kind: 'messages' }>[] {
  const { nodes, pageInfo } = channel.messages
  const first = nodes[0]?.index
  const last = nodes.at(-1)?.index
  const from = after !== null ? after + 1 : pageInfo.hasPreviousPage ? first : channel.firstIndex
  const to = before !== null ? before - 1 : pageInfo.hasNextPage ? last : Math.max(head, last ?? -1)
  const covered = from === undefined || to === undefined ? null : ([from, to] as const)
  return [{ kind: 'messages', channelId, messages: nodes, covered }]
}
