import type { Operation } from '../operation.ts'
import { channels } from './channel.ts'
import { credentials } from './credential.ts'
import { invites } from './invite.ts'
import { members } from './member.ts'
import { messages } from './message.ts'
import { roles } from './role.ts'
import { services } from './service.ts'
import { userChannels } from './user-channel.ts'
import { users } from './user.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below `/v1`; slots in braces. */
  readonly path: string
  readonly operation: Operation
}

const service = '/Services/{ServiceSid}'
const channel = `${service}/Channels/{ChannelSid}`

/** Everything there is under `/v1`. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/Services', operation: services.list },
  { method: 'POST', path: '/Services', operation: services.create },
  { method: 'GET', path: '/Services/{Sid}', operation: services.fetch },
  { method: 'POST', path: '/Services/{Sid}', operation: services.update },
  { method: 'DELETE', path: '/Services/{Sid}', operation: services.remove },

  { method: 'GET', path: `${service}/Channels`, operation: channels.list },
  { method: 'POST', path: `${service}/Channels`, operation: channels.create },
  { method: 'GET', path: `${service}/Channels/{Sid}`, operation: channels.fetch },
  { method: 'POST', path: `${service}/Channels/{Sid}`, operation: channels.update },
  { method: 'DELETE', path: `${service}/Channels/{Sid}`, operation: channels.remove },

  { method: 'GET', path: `${channel}/Members`, operation: members.list },
  { method: 'POST', path: `${channel}/Members`, operation: members.create },
  { method: 'GET', path: `${channel}/Members/{Sid}`, operation: members.fetch },
  { method: 'POST', path: `${channel}/Members/{Sid}`, operation: members.update },
  { method: 'DELETE', path: `${channel}/Members/{Sid}`, operation: members.remove },

  { method: 'GET', path: `${channel}/Messages`, operation: messages.list },
  { method: 'POST', path: `${channel}/Messages`, operation: messages.create },
  { method: 'GET', path: `${channel}/Messages/{Sid}`, operation: messages.fetch },
  { method: 'POST', path: `${channel}/Messages/{Sid}`, operation: messages.update },
  { method: 'DELETE', path: `${channel}/Messages/{Sid}`, operation: messages.remove },

  { method: 'GET', path: `${service}/Roles`, operation: roles.list },
  { method: 'POST', path: `${service}/Roles`, operation: roles.create },
  { method: 'GET', path: `${service}/Roles/{Sid}`, operation: roles.fetch },
  { method: 'POST', path: `${service}/Roles/{Sid}`, operation: roles.update },
  { method: 'DELETE', path: `${service}/Roles/{Sid}`, operation: roles.remove },
  { method: 'GET', path: `${channel}/Invites`, operation: invites.list },
  { method: 'POST', path: `${channel}/Invites`, operation: invites.create },
  { method: 'GET', path: `${channel}/Invites/{Sid}`, operation: invites.fetch },
  { method: 'DELETE', path: `${channel}/Invites/{Sid}`, operation: invites.remove },

  { method: 'GET', path: `${service}/Users`, operation: users.list },
  { method: 'POST', path: `${service}/Users`, operation: users.create },
  { method: 'GET', path: `${service}/Users/{Sid}`, operation: users.fetch },
  { method: 'POST', path: `${service}/Users/{Sid}`, operation: users.update },
  { method: 'DELETE', path: `${service}/Users/{Sid}`, operation: users.remove },
  { method: 'GET', path: `${service}/Users/{UserSid}/Channels`, operation: userChannels.list },

  { method: 'GET', path: '/Credentials', operation: credentials.list },
  { method: 'POST', path: '/Credentials', operation: credentials.create },
  { method: 'GET', path: '/Credentials/{Sid}', operation: credentials.fetch },
  { method: 'POST', path: '/Credentials/{Sid}', operation: credentials.update },
  { method: 'DELETE', path: '/Credentials/{Sid}', operation: credentials.remove },
]
