import { ReceiptsUpdatedDocument } from '../graphql/generated/documents.ts'
import { receiptsChange } from '../sync/event-changes.ts'
import type { HandleContext } from './context.ts'
import type { MessageSource } from './message-list.ts'
import { readMessages } from './read-messages.ts'

/** The messages of a channel: as they are in the state, with the receipts of its members while they are shown. */
export function channelSource(context: HandleContext, channelId: string): MessageSource {
  const { store, host } = context
  const source: MessageSource = {
    state: () => store.getSnapshot().channels.get(channelId),
    subscribe: (listener) => {
      const stops = [
        store.subscribe(listener),
        host.subscribe(ReceiptsUpdatedDocument, { channelId }, ({ receiptsUpdated }) =>
          host.apply([receiptsChange(receiptsUpdated)]),
        ),
      ]
      return () => stops.forEach((stop) => stop())
    },
    read: (bounds) => readMessages(context, channelId, bounds),
    readKept: (from, to) => host.readKept(channelId, from, to),
    keep: (part) => store.show(source, channelId, part),
    release: () => store.show(source, channelId, null),
  }
  return source
}
