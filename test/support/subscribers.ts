import type { ChannelId } from '../../src/model/sid.ts'
import type { Server } from '../../src/server.ts'
import { waitFor } from './wait.ts'

/** How many have caught up with the channel at this server, and get what happens at once. */
export function subscribersAt({ app }: Server, channelId: string): number {
  const groups = app.feeds.get(channelId as ChannelId)?.groups.values() ?? []
  return [...groups].reduce((sum, { subscribers }) => sum + subscribers.size, 0)
}

/** Waits until so many are live: a `Ready` comes before, and what happens in between comes as it does to those who were away. */
export const areLive = (server: Server, channelId: string, count: number): Promise<unknown> =>
  waitFor(() => subscribersAt(server, channelId) === count, { interval: 5 })
