import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddMemberDocument, UpdateMessageDocument } from '../../../schema/generated/graphql.ts'
import { openDb } from '../../../src/store/engine/db.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { Caller, openKit, type Kit } from '../../support/kit.ts'
import { webhookDeliveriesOf } from '../../support/webhook-deliveries.ts'
import { openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../../support/webhooks.ts'

let kit: Kit
let receiver: Receiver
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  receiver = await openReceiver()
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

/** A server of its own that reaches the database through a proxy. */
async function behindProxy(stack: AsyncDisposableStack) {
  const url = new URL(kit.store.databaseUrl!)
  const proxy = stack.use(await FaultProxy.open({ host: url.hostname, port: Number(url.port) }))
  const db = openDb(Object.assign(url, { host: `127.0.0.1:${proxy.port}` }).href, { poolSize: 4 })
  const server = await kit.another({}, db)
  const { accountId, authToken } = server.account
  return { proxy, caller: new Caller(server, `Basic ${btoa(`${accountId}:${authToken}`)}`) }
}

test('P9: an edit whose connection is lost before its commit is made once, with one pre-event and one post-event', async () => {
  await using stack = new AsyncDisposableStack()
  const service = await hookService(kit, receiver, { filters: ['ON_MESSAGE_UPDATE', 'ON_MESSAGE_UPDATED'] })
  const alice = await service.user('alice')
  const channel = await service.channel([alice])
  const { id: messageId } = await alice.send(channel.id, 'first')
  const { proxy, caller } = await behindProxy(stack)
  const swallowed = proxy.swallowAt(/update "messages"/i)
  const edit = caller.request(UpdateMessageDocument, { input: { messageId, body: 'edited' } })
  ;(await swallowed).reset()
  expect((await edit).updateMessage.message).toMatchObject({ body: 'edited' })
  expect(receiver.of('onMessageUpdate')).toHaveLength(1)
  expect((await webhookDeliveriesOf(kit.store.db, service.id)).map(({ event }) => event)).toEqual(['onMessageUpdated'])
})

test('P9: transactions at once all succeed, whatever isolation the database begins with', async () => {
  await using stack = new AsyncDisposableStack()
  const name = new URL(kit.store.databaseUrl!).pathname.slice(1)
  await kit.store.db.runScript(`ALTER DATABASE ${name} SET default_transaction_isolation TO 'serializable'`)
  const { caller } = await behindProxy(stack)
  const channel = await kit.channel()
  const added = Array.from({ length: 20 }, (_, at) =>
    caller.request(AddMemberDocument, { input: { channelId: channel.id, identity: `member-${at}` } }),
  )
  expect(await Promise.all(added)).toHaveLength(20)
})
