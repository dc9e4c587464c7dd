import type { TypePolicies } from '@apollo/client'
import { listPolicy } from './lists.ts'
import { messagesPolicy } from './messages.ts'
import { reactionsPolicy } from './reactions.ts'

/** The last event stands alone: it is not merged with the one before. */
const replaced = { merge: false } as const

export const typePolicies: TypePolicies = {
  Channel: {
    fields: {
      messages: messagesPolicy('Message'),
      members: listPolicy(['identities']),
      pinnedMessages: listPolicy([]),
    },
  },
  Message: { fields: { edits: listPolicy([]), reactions: reactionsPolicy, replies: messagesPolicy('Reply') } },
  Viewer: { fields: { channels: listPolicy(['filter', 'orderBy']) } },
  // They have no id: each is a part of its member or viewer.
  ChannelPreferences: { merge: true },
  UnreadCounts: { merge: true },
  UserStatus: { merge: true },
  Subscription: {
    fields: { events: replaced, viewerEvents: replaced, presenceChanged: replaced, receiptsUpdated: replaced },
  },
}
