'use client'
import type { Client } from '../client.ts'
import { ChannelHandle } from '../handles/channel.ts'
import type { HandleContext } from '../handles/context.ts'
import type { ChannelListSnapshot } from '../store/channel-list.ts'
import { emptyState } from '../store/state.ts'

/** The channel list before anything is known. */
export const emptyChannelList: ChannelListSnapshot = {
  pinned: [],
  rows: [],
  hasMore: true,
  unread: { messages: 0, channels: 0, directChannels: 0 },
}

const subscribe = (): (() => void) => () => {}
const store = { subscribe, getSnapshot: () => emptyState }

/** What hooks have while a server renders, where effects and handlers never run: enough to be read from, and nothing else. */
export const absentClient = {
  ...store,
  on: subscribe,
  channels: { subscribe, getSnapshot: () => emptyChannelList },
  channel: (id: string) => new ChannelHandle({ store } as unknown as HandleContext, id),
} as unknown as Client
