import type { ChannelState, Message, MessageRow } from '@fonechat/client'
import { useThreads } from '@fonechat/client/react'
import { useMemo, useRef } from 'react'
import type { Place } from '../routes.ts'
import type { ThreadLook } from './list/look.ts'
import { personIn } from './live/names.ts'
import { usePageClient } from './live/page-client.ts'

/** What the rows of a channel show of threads and quotes, and where these lead. The same until what is unread changes. */
export function useThreadLook(
  known: ChannelState,
  onGo: (place: Omit<Place, 'channel'>) => void,
  isThread: boolean,
): ThreadLook {
  const { threads } = usePageClient()
  const { threads: followed } = useThreads({ unread: true })
  const { id } = known.channel
  const now = useRef({ known, onGo })
  now.current = { known, onGo }
  return useMemo(() => {
    const unread = new Map(
      followed.flatMap(({ channelId, parentIndex, unreadCount }) =>
        channelId === id ? [[parentIndex, unreadCount ?? 0] as const] : [],
      ),
    )
    const go: typeof onGo = (place) => now.current.onGo(place)
    return {
      quotedOf: (row: MessageRow) => threads.quoted(row, id),
      subscribe: threads.subscribe,
      personOf: (identity) => personIn(now.current.known, identity),
      onJump: ({ index, parentIndex, isShownInChannel }: Message) =>
        go(isShownInChannel || parentIndex === null ? { index } : { thread: parentIndex, index }),
      onOpen: isThread ? null : (index) => go({ thread: index }),
      unreadOf: (index) => unread.get(index) ?? 0,
    }
  }, [threads, followed, id, isThread])
}
