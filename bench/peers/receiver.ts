import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What a receiver of webhooks has seen so far. */
export interface Summary {
  /** Pre-events. */
  readonly asked: number
  /** How many post-events came of each channel, each counted once; they came in the order of their messages. */
  readonly told: Readonly<Record<string, number>>
  /** Post-events that came again. */
  readonly repeated: number
  /** What came out of order, or again with another id. */
  readonly faults: readonly string[]
}

/** Takes webhooks as plainly as can be: says yes to every pre-event at once, and keeps account of post-events. */
let asked = 0
let repeated = 0
const faults: string[] = []
const ids = new Map<string, string[]>()

function note(form: URLSearchParams, id: string): void {
  const channelId = form.get('ChannelSid')!
  const index = Number(form.get('Index'))
  let seen = ids.get(channelId)
  if (!seen) ids.set(channelId, (seen = []))
  if (index === seen.length) seen.push(id)
  else if (seen[index] === id) repeated++
  else faults.push(`${channelId}: ${index} came after ${seen.length - 1}`)
}

const server = createServer((request, response) => {
  void text(request).then((body) => {
    const form = new URLSearchParams(body)
    if (form.get('EventType') === 'onMessageSend') asked++
    else note(form, String(request.headers['webhook-id']))
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('message', () => {
  const told = Object.fromEntries([...ids].map(([channelId, seen]) => [channelId, seen.length]))
  process.send!({ asked, told, repeated, faults: faults.slice(0, 10) } satisfies Summary)
})
process.on('SIGTERM', () => process.exit())
