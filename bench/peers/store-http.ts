import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readConfig } from '../../src/config/read-config.ts'
import { MessageWriter } from '../../src/domain/chat/message-writer.ts'
import { newSid, type ChannelId } from '../../src/model/sid.ts'
import { openStore } from '../../src/store/open-store.ts'

/** What no HTTP layer here can beat: the product's own write behind plain `node:http`, JSON in and out, nothing checked. */
const store = await openStore(readConfig(process.env))
const writer = new MessageWriter(store.db, { insert: async () => {} })

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

const server = createServer((request, response) => {
  void readBody(request).then(async (text) => {
    const { channelId, body } = JSON.parse(text) as { channelId: ChannelId; body: string }
    const message = { channelId, body, id: newSid('IM'), author: 'system', attributes: '{}', clientMessageId: null }
    const written = await writer.write({ ...message, memberAsOf: 2 ** 53 - 1 })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: written!.id, index: written!.index }))
  })
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('SIGTERM', () => void store.close().then(() => process.exit()))
