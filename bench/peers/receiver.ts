import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What a receiver of webhooks has seen so far. */
export interface Summary {
  readonly preEvents: number
  /** Post-events of each channel, each counted once; they came in the order of their messages. */
  readonly postEvents: Readonly<Record<string, number>>
  /** Repeated post-events. */
  readonly repeated: number
  /** What came out of order, or again with another id. */
  readonly faults: readonly string[]
}

/** Receives webhooks as plainly as can be: allows every pre-event at once, and counts post-events. */
let preEvents = 0
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
    if (form.get('EventType') === 'onMessageSend') preEvents++
    else note(form, String(request.headers['webhook-id']))
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('message', () => {
  const postEvents = Object.fromEntries([...ids].map(([channelId, seen]) => [channelId, seen.length]))
  process.send!({ preEvents, postEvents, repeated, faults: faults.slice(0, 10) } satisfies Summary)
})
process.on('SIGTERM', () => process.exit())
