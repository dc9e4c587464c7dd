import { isLikeSid, sidPrefixes, toSidCase, type SidPrefix } from '../model/sid.ts'

interface Slot {
  readonly prefix: SidPrefix
  readonly description: string
  /** Whether a unique name or an identity is accepted, too. */
  readonly isNamed: boolean
}

function slot(prefix: SidPrefix, description: string, isNamed = false): Slot {
  return { prefix, description, isNamed }
}

/** What each slot accepts, by the part of the path before it. */
const slots: Readonly<Record<string, Slot>> = {
  Services: slot(sidPrefixes.service, 'SID of the service.'),
  Channels: slot(sidPrefixes.channel, 'SID or unique name of the channel.', true),
  Members: slot(sidPrefixes.member, 'SID of the member.'),
  Messages: slot(sidPrefixes.message, 'SID of the message.'),
  Invites: slot(sidPrefixes.invite, 'SID of the invite.'),
  Users: slot(sidPrefixes.user, 'SID or identity of the user.', true),
  Roles: slot(sidPrefixes.role, 'SID of the role.'),
  Credentials: slot(sidPrefixes.credential, 'SID of the credential.'),
}

/** The slots of a path, in its order. */
export function slotsOf(path: string): { readonly name: string; readonly slot: Slot }[] {
  return [...path.matchAll(/(\w+)\/\{(\w+)\}/g)].map(([, parent, name]) => ({ name: name!, slot: slots[parent!]! }))
}

/** Reads a SID in any case. */
export function readSid(prefix: SidPrefix, text: string): string {
  return isLikeSid(prefix, text) ? toSidCase(text) : text
}
