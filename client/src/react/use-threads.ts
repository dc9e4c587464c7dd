'use client'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { Client } from '../client.ts'
import type { MessageList } from '../handles/message-list.ts'
import type {
  FollowedList,
  FollowedSnapshot,
  Thread,
  ThreadParent,
  Threads,
  ThreadSnapshot,
} from '../modules/threads.ts'
import type { MessageWindow } from '../store/window.ts'
import { useClient } from './provider.tsx'
import { useConnection } from './use-connection.ts'
import { useMessageList } from './use-messages.ts'

/** What a view shows of a thread. */
export interface ShownThread extends ThreadSnapshot {
  /** What one does with it. */
  readonly thread: Thread
  /** The replies, as `useMessages` gives messages. */
  readonly replies: MessageWindow & { readonly list: MessageList }
}

function useModule(): Threads {
  const { threads } = useClient() as Client & { readonly threads?: Threads }
  if (!threads) throw new Error('the client has no threads: createClient({ modules: [threads()] })')
  return threads
}

const absent: ThreadSnapshot = { parent: null, isMissing: false, following: undefined }

/** The replies to a message, by its channel and index, with the message itself and what the user has of them. Needs the module `threads`. */
export function useThread({ channelId, index }: ThreadParent): ShownThread {
  const threads = useModule()
  const thread = useMemo(() => threads.of({ channelId, index }), [threads, channelId, index])
  const snapshot = useSyncExternalStore(thread.subscribe, thread.getSnapshot, () => absent)
  const replies = useMessageList(thread.replies)
  const isLive = useConnection().status === 'live'
  useEffect(() => {
    // What fails is tried again when the client is live again.
    if (isLive) thread.load().catch(() => {})
  }, [thread, isLive])
  return useMemo(() => ({ ...snapshot, thread, replies }), [snapshot, thread, replies])
}

const none: FollowedSnapshot = { threads: [], hasMore: false, isLoaded: false, unreadCount: 0 }

/** The threads that the user follows, and the list that reads more of them. Needs the module `threads`. */
export function useThreads({ unread = false }: { readonly unread?: boolean } = {}): FollowedSnapshot & {
  readonly list: FollowedList
} {
  const threads = useModule()
  const list = useMemo(() => threads.followed({ unread }), [threads, unread])
  const snapshot = useSyncExternalStore(list.subscribe, list.getSnapshot, () => none)
  return useMemo(() => ({ ...snapshot, list }), [snapshot, list])
}
