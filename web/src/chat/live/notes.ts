import type { ChannelState, MessageRow } from '@fonechat/client'
import { formatNames } from '../../lib/format.ts'
import type { Note } from '../model.ts'
import { personOf } from './names.ts'
import type { WhoIsThere } from './use-presence.ts'

/** What stands below one's own messages: at the newest of each state, and at each that failed. */
export function notesOf(
  rows: readonly MessageRow[],
  known: ChannelState | undefined,
  {
    self,
    isConnected,
    isAway,
    onRetry,
    onDiscard,
  }: {
    readonly self: string
    readonly isConnected: boolean
    readonly isAway: WhoIsThere['isAway']
    readonly onRetry: (item: number) => void
    readonly onDiscard: (item: number) => void
  },
): ReadonlyMap<string, Note> {
  const notes = new Map<string, Note>()
  const others = readersOf(known, self, isAway)
  const said = new Set<string>()
  for (const row of rows.toReversed()) {
    if (!row.isMine) continue
    const { item } = row
    if (row.status === 'failed' && item) {
      notes.set(row.key, {
        text: row.index === null ? 'not sent' : 'not changed',
        tone: 'warn',
        onRetry: () => onRetry(item.id),
        onDiscard: () => onDiscard(item.id),
      })
      continue
    }
    const state = row.status === 'sent' ? stateOf(row.index ?? -1, others) : isConnected ? null : network
    if (state === null || said.has(state.kind)) continue
    said.add(state.kind)
    notes.set(row.key, { text: state.text, tone: state === network ? 'warn' : 'quiet' })
    // What is older was read, or says less.
    if (state.kind === 'read') break
  }
  return notes
}

const network = { kind: 'network', text: 'waits for the network' }

interface Reader {
  readonly name: string
  readonly read: number
  readonly delivered: number
  /** Somebody who is online has it in a moment, and is not waited for. */
  readonly isAway: boolean
}

/** The others of a channel. */
function readersOf(known: ChannelState | undefined, self: string, isAway: WhoIsThere['isAway']): readonly Reader[] {
  if (!known) return []
  return [...known.members.values()]
    .filter(({ identity }) => identity !== self)
    .map(({ identity, user, lastReadIndex }) => {
      const receipt = known.receipts.get(identity)
      const read = Math.max(receipt?.readIndex ?? -1, lastReadIndex ?? -1)
      return {
        name: personOf(user).name,
        read,
        delivered: Math.max(receipt?.deliveredIndex ?? -1, read),
        isAway: isAway(identity),
      }
    })
}

function stateOf(index: number, others: readonly Reader[]): { readonly kind: string; readonly text: string } | null {
  const readers = others.filter(({ read }) => read >= index)
  if (readers.length > 0) return { kind: 'read', text: `read by ${formatNames(readers.map(({ name }) => name))}` }
  const waiting = others.filter(({ delivered, isAway }) => isAway && delivered < index)
  if (waiting.length > 0)
    return { kind: 'waiting', text: `waiting for ${formatNames(waiting.map(({ name }) => name))}` }
  return others.some(({ delivered }) => delivered >= index) ? { kind: 'delivered', text: 'delivered' } : null
}
