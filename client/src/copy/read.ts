import type { Change } from '../store/change.ts'
import type { Interval, Invite, Session, State } from '../store/state.ts'
import type { Transaction } from './database.ts'
import type { ChannelRow, MembersRow, MessageRow, MetaKey } from './schema.ts'
import { messageKeys } from './write.ts'

/** Newest messages that are loaded of a channel: a first page. Older ones are read when they are scrolled to. */
const windowSize = 50
/** Channels of which they are loaded: those that were used last. Of the others only the newest message is. */
const maxWindows = 100
/** Most indexes that one reading spans. */
const maxSpan = 1000

/** Asks for everything that `load` gives. The result is complete when the transaction is. */
export function readAll(transaction: Transaction): () => readonly Change[] {
  const first: Change[] = []
  const last: Change[] = []
  const meta = transaction.store('meta')
  const read = <Value>(key: MetaKey, callback: (value: Value) => void): void =>
    transaction.read<Value | undefined>(meta.get(key), (value) => {
      if (value !== undefined) callback(value)
    })
  read<Session | null>('session', (session) => first.push({ kind: 'session', session }))
  let asOf: string | null = null
  read<string | null>('viewerCursor', (cursor) => {
    asOf = cursor
    last.push({ kind: 'viewerCursor', cursor })
  })
  read<Change>('list', (change) => last.push(change))
  read<readonly Invite[]>('invites', (invites) => {
    for (const invite of invites) last.push({ kind: 'invite', invite })
  })
  read<State['modules']>('modules', (modules) => {
    for (const [name, kept] of Object.entries(modules)) last.push({ kind: 'module', name, ...kept })
  })
  const parts: ((asOf: string | null) => readonly Change[])[] = []
  transaction.read<ChannelRow[]>(transaction.store('channels').getAll(), (rows) => {
    const byUse = rows.toSorted((one, other) => other.usedAt - one.usedAt)
    for (const [place, row] of byUse.entries()) parts.push(readChannel(transaction, row, place < maxWindows))
  })
  return () => [...first, ...parts.flatMap((part) => part(asOf)), ...last]
}

function readChannel(
  transaction: Transaction,
  row: ChannelRow,
  hasWindow: boolean,
): (asOf: string | null) => readonly Change[] {
  const { id: channelId, channel, membership, head, position, receipts } = row
  const covered = hasWindow ? newestOf(row) : null
  let messages: MessageRow[] = []
  let members: MembersRow | undefined
  const keys = messageKeys(channelId, covered?.[0] ?? head)
  transaction.read<MessageRow[]>(transaction.store('messages').getAll(keys), (rows) => (messages = rows))
  transaction.read<MembersRow | undefined>(transaction.store('members').get(channelId), (found) => (members = found))
  // The rows are written with the cursor: they are as of it.
  return (asOf) => [
    { kind: 'joined', channel, membership, head, asOf },
    { kind: 'messages', channelId, messages, covered },
    ...(members ? [{ kind: 'members', channelId, members: members.members, totalCount: null } as const] : []),
    ...(receipts.length > 0 ? [{ kind: 'receipts', channelId, receipts } as const] : []),
    ...(position === null ? [] : [{ kind: 'started', channelId, cursor: position } as const]),
  ]
}

/** The end of the newest interval. */
function newestOf({ intervals }: ChannelRow): Interval | null {
  const newest = intervals.at(-1)
  return newest ? [Math.max(newest[0], newest[1] - windowSize + 1), newest[1]] : null
}

/** Asks for the messages of a stretch. */
export function readStretch(
  transaction: Transaction,
  channelId: string,
  from: number,
  to: number,
): () => readonly Change[] {
  const start = Math.max(from, to - maxSpan + 1)
  const changes: Change[] = []
  transaction.read<ChannelRow | undefined>(transaction.store('channels').get(channelId), (row) => {
    for (const interval of row?.intervals ?? []) {
      const covered: Interval = [Math.max(interval[0], start), Math.min(interval[1], to)]
      if (covered[1] < covered[0]) continue
      const request = transaction.store('messages').getAll(messageKeys(channelId, ...covered))
      transaction.read<MessageRow[]>(request, (messages) =>
        changes.push({ kind: 'messages', channelId, messages, covered }),
      )
    }
  })
  return () => changes
}
