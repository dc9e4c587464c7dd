import type { Change } from '../store/change.ts'
import { withAddition } from '../store/messages.ts'
import { mergeMessage } from '../store/reactions.ts'
import type { State } from '../store/state.ts'
import type { Transaction } from './database.ts'
import { planChannel } from './plan.ts'
import type { ChannelRow, MessageRow, MetaKey } from './schema.ts'

/** Whether a change is of something that is kept: what passes is not. */
export const isKept = ({ kind }: Change): boolean => !/^(appended|connection|typing|outbox|kept)$/.test(kind)

/** All messages of a channel, or those between two indexes, both included. */
export const messageKeys = (channelId: string, from = -Infinity, to = Infinity): IDBKeyRange =>
  IDBKeyRange.bound([channelId, from], [channelId, to])

/** Puts changes into the rows. `state` is what they led to. */
export function writeChanges(transaction: Transaction, changes: readonly Change[], state: State, now: number): void {
  const meta = transaction.store('meta')
  const put = (key: MetaKey, value: unknown): void => void meta.put(value, key)
  const ofChannels = new Map<string, Change[]>()
  for (const change of changes) {
    const channelId = channelOf(change)
    if (channelId !== undefined) {
      const present = ofChannels.get(channelId)
      if (present) present.push(change)
      else ofChannels.set(channelId, [change])
    } else if (change.kind === 'session') put('session', change.session)
    else if (change.kind === 'viewerCursor') put('viewerCursor', change.cursor)
    else if (change.kind === 'list') put('list', change)
    else if (change.kind === 'invite' || change.kind === 'inviteGone') {
      put('invites', [...state.invites.values()].slice(0, maxInvites))
    } else if (change.kind === 'module') {
      put('modules', Object.fromEntries(Object.entries(state.modules).filter(([, { value }]) => value !== null)))
    }
  }
  for (const [channelId, its] of ofChannels) writeChannel(transaction, channelId, its, state, now)
}

const maxInvites = 200

function channelOf(change: Change): string | undefined {
  if (change.kind === 'joined') return change.channel.id
  if (change.kind === 'membership') return change.membership.channelId
  return 'channelId' in change ? change.channelId : undefined
}

function writeChannel(
  transaction: Transaction,
  channelId: string,
  changes: readonly Change[],
  state: State,
  now: number,
): void {
  const [channels, messages] = [transaction.store('channels'), transaction.store('messages')]
  const known = state.channels.get(channelId)
  if (!known) return dropChannel(transaction, channelId)
  transaction.read<ChannelRow | undefined>(channels.get(channelId), (present) => {
    // Who leaves and joins again is a new member: what it may see begins anew.
    const isNew = present?.membership.id !== known.membership.id
    if (present && isNew) dropChannel(transaction, channelId)
    const row = isNew ? undefined : present
    const plan = planChannel(row, known, isNew ? sinceJoined(changes, known.membership.id) : changes, now)
    if (plan.dropsMessages) messages.delete(messageKeys(channelId))
    else if (row && row.channel.firstIndex < plan.firstIndex) {
      messages.delete(messageKeys(channelId, -Infinity, plan.firstIndex - 1))
    }
    for (const index of plan.removed) messages.delete([channelId, index])
    for (const message of plan.messages) {
      transaction.read<MessageRow | undefined>(messages.get([channelId, message.index]), (present) => {
        const newest = present ? mergeMessage(present, message) : message
        if (newest !== present) messages.put(newest)
      })
    }
    for (const change of plan.additions) {
      transaction.read<MessageRow | undefined>(messages.get([channelId, change.index]), (present) => {
        const changed = present && withAddition(present, change)
        if (changed !== present) messages.put(changed)
      })
    }
    if (plan.members) transaction.store('members').put(plan.members)
    channels.put(plan.row)
  })
}

function sinceJoined(changes: readonly Change[], membershipId: string): readonly Change[] {
  const joined = changes.findIndex((change) => change.kind === 'joined' && change.membership.id === membershipId)
  return changes.slice(Math.max(joined, 0))
}

export function dropChannel(transaction: Transaction, channelId: string): void {
  transaction.store('channels').delete(channelId)
  transaction.store('members').delete(channelId)
  transaction.store('messages').delete(messageKeys(channelId))
}
