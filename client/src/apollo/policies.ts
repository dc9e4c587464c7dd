import type { TypePolicies } from '@apollo/client'
import { listPolicy } from './lists.ts'
import { messagesPolicy } from './messages.ts'

/** The last event stands alone: it is not merged with the one before. */
const replaced = { merge: false } as const

export const typePolicies: TypePolicies = {
  Channel: {
    fields: { messages: messagesPolicy, members: listPolicy(['identities']), pinnedMessages: listPolicy([]) },
  },
  // A list of parts without ids: the newer takes the place of the older.
  Message: { fields: { edits: listPolicy([]), reactions: replaced } },
  Viewer: { fields: { channels: listPolicy(['filter', 'orderBy']) } },
  // They have no id: each is a part of its member or viewer.
  ChannelPreferences: { merge: true },
  UnreadCounts: { merge: true },
  UserStatus: { merge: true },
  Subscription: {
    fields: { events: replaced, viewerEvents: replaced, presenceChanged: replaced, receiptsUpdated: replaced },
  },
}
