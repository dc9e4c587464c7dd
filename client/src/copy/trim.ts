import { within } from '../store/intervals.ts'
import type { Transaction } from './database.ts'
import type { ChannelRow } from './schema.ts'
import { dropChannel, messageKeys } from './write.ts'

/** What a copy holds at most: beyond it, what was used least goes. */
const limits = { channels: 1000, messages: 50_000, messagesOfChannel: 2000 }

/** Takes out what is above the limits. Needs a transaction that has written nothing. */
export function trim(transaction: Transaction, { channels, messages, messagesOfChannel } = limits): void {
  transaction.read<ChannelRow[]>(transaction.store('channels').getAll(), (rows) => {
    const byUse = rows.toSorted((one, other) => other.usedAt - one.usedAt)
    for (const { id } of byUse.slice(channels)) dropChannel(transaction, id)
    let left = messages
    // The requests are answered in the order in which they were made.
    for (const row of byUse.slice(0, channels)) {
      transaction.read(transaction.store('messages').count(messageKeys(row.id)), (count) => {
        const allowed = Math.min(messagesOfChannel, Math.max(left, 1))
        left -= Math.min(count, allowed)
        if (count > allowed) dropOldest(transaction, row, count - allowed)
      })
    }
  })
}

function dropOldest(transaction: Transaction, row: ChannelRow, count: number): void {
  const messages = transaction.store('messages')
  transaction.read(messages.getAllKeys(messageKeys(row.id), count), (keys) => {
    const [, last] = keys.at(-1) as [string, number]
    messages.delete(messageKeys(row.id, -Infinity, last))
    transaction.store('channels').put({ ...row, intervals: within(row.intervals, [last + 1, Number.MAX_SAFE_INTEGER]) })
  })
}
