import { setTimeout as delay } from 'node:timers/promises'
import type * as Package from '../../client/src/index.ts'

/** What a client of some version has done and seen, for the process that has begun it. */
export interface ClientReport {
  readonly status: string
  /** What was answered to its sends. */
  readonly sent: readonly { readonly index: number; readonly body: string }[]
  /** What it shows of the channel. */
  readonly shown: readonly { readonly index: number; readonly body: string }[]
  /** Sends that were refused. */
  readonly refused: readonly string[]
  /** The longest time in which it was not live, in milliseconds. */
  readonly longestAway: number
}

const [entry = '', url = '', identity = '', token = '', channelId = ''] = process.argv.slice(2)
const { createClient } = (await import(entry)) as typeof Package
const client = createClient({ url, identity, token: () => token })
const sent: { index: number; body: string }[] = []
const refused: string[] = []
let awaySince: number | undefined
let longestAway = 0
client.on('connectionState', ({ status }) => {
  const now = performance.now()
  if (awaySince !== undefined) longestAway = Math.max(longestAway, now - awaySince)
  awaySince = status === 'live' ? undefined : (awaySince ?? now)
})
let isSending = true

async function send(): Promise<void> {
  const channel = await client.getChannel(channelId)
  const list = channel.messageList()
  await list.loadNewest()
  for (let number = 0; isSending; number++) {
    const body = `${identity} ${number}`
    try {
      const { index } = await channel.sendMessage(body)
      sent.push({ index, body })
    } catch (error) {
      refused.push(String(error))
    }
    await delay(150)
  }
}

const sending = send()

async function report(): Promise<void> {
  const rows = client.getSnapshot().channels.get(channelId)?.messages ?? []
  const { status } = client.getSnapshot().connection
  const shown = rows.map(({ index, body }) => ({ index, body: body ?? '' }))
  process.send!({ status, sent, shown, refused, longestAway } satisfies ClientReport)
}

process.on('message', (asked) => {
  if (asked === 'report') void report()
  // What waits in the outbox is sent before.
  else isSending = false
})
process.on('disconnect', () => process.exit())
await sending
process.send!('still')
