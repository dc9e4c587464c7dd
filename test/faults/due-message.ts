import { randomUUID } from 'node:crypto'
import connect from 'postgres'
import {
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  HistoryDocument,
  ScheduleMessageDocument,
} from '../../schema/generated/graphql.ts'
import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import { waitFor } from '../support/wait.ts'
import { Backend } from './backend.ts'
import type { Environment } from './environment.ts'

/** Where the process that has claimed a scheduled message is killed: each is a lock that the next step waits for. */
const points = {
  /** The message is not written: the send waits for its channel. */
  'before it is sent': 'SELECT FROM channels WHERE id = $1::uuid FOR UPDATE',
  /** The message is written; what became of the scheduled one waits for its author. */
  'after it was sent':
    'SELECT FROM users WHERE id = (SELECT user_id FROM scheduled_messages WHERE channel_id = $1::uuid) FOR UPDATE',
} as const
export type Point = keyof typeof points
export const killPoints = Object.keys(points) as readonly Point[]

/**
 * Schedules a message, kills the process that has claimed it there, and lets another one go on. Answers the texts of the channel and the state of the
 * scheduled message.
 */
export async function killBetween({ processes, postgres, authorization }: Environment, point: Point) {
  const [victim, next] = processes
  await next.end('SIGKILL')
  const sql = connect(postgres.url(), { max: 4, onnotice: () => {} })
  const released = Promise.withResolvers<void>()
  try {
    const backend = new Backend([victim.url], authorization)
    const { createChannel } = await backend.request(CreateChannelDocument, { input: {} })
    const channelId = createChannel.channel.id
    const channel = sidToUuid(channelId as Sid)
    const identity = `due ${channel}`
    await backend.request(AddMemberDocument, { input: { channelId, identity } })
    const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input: { identity } })
    const author = new Backend([victim.url], `Bearer ${createAccessToken.token}`)
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const input = { channelId, body: 'later', sendAt, clientMessageId: randomUUID() }
    const { scheduleMessage } = await author.request(ScheduleMessageDocument, { input })
    const id = sidToUuid(scheduleMessage.scheduledMessage.id as Sid)
    const read = async () => {
      const [row] = await sql`SELECT state, claims FROM scheduled_messages WHERE id = ${id}::uuid`
      return row as unknown as { readonly state: string; readonly claims: number }
    }
    const makeDue = () => sql`UPDATE scheduled_messages SET due_at = now(), send_at = now() WHERE id = ${id}::uuid`
    const held = Promise.withResolvers<void>()
    const holding = sql.begin(async (tx) => {
      await tx.unsafe(points[point], [channel])
      held.resolve()
      await released.promise
    })
    await held.promise
    await makeDue()
    const waits = async (): Promise<boolean> => {
      const [row] = await sql`SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock'`
      return (await read()).state === 'sending' && row?.['count'] > 0
    }
    await waitFor(waits)
    await victim.end('SIGKILL')
    released.resolve()
    await holding
    // As if its lease had ended.
    await makeDue()
    await next.start()
    await waitFor(async () => (await read()).state === 'sent', { timeout: 20_000 })
    const { channel: after } = await new Backend([next.url], authorization).request(HistoryDocument, {
      channelId,
      first: 10,
    })
    return { bodies: after!.messages.edges.map(({ node }) => node.body), ...(await read()) }
  } finally {
    released.resolve()
    await sql.end({ timeout: 5 })
    await victim.end('SIGKILL')
    await victim.start()
    await next.end('SIGKILL')
    await next.start()
  }
}
