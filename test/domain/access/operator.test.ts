import { afterAll, beforeAll, expect, test } from 'vitest'
import { ViewerDocument } from '../../../schema/generated/graphql.ts'
import { createCaches } from '../../../src/domain/access/cache.ts'
import { DeletionWatch } from '../../../src/domain/access/deletion-watch.ts'
import { answerOperatorCall, OperatorRefusal, readOperatorAnswer } from '../../../src/domain/access/operator.ts'
import { createMemoryBus } from '../../../src/live/memory-bus.ts'
import { engineName } from '../../support/engine.ts'
import { openKit, User, type Kit } from '../../support/kit.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

async function ask<Result>(call: object): Promise<Result> {
  const app = { ...kit.server.app, isEmbedded: engineName === 'embedded' }
  return readOperatorAnswer(await answerOperatorCall(app, JSON.stringify(call))) as Result
}

test('an operator makes tokens that are as those of the API', async () => {
  const made = await ask<{ token: string; expiresAt: string }>({ name: 'token', identity: 'alice', ttlSeconds: 60 })
  expect(Date.parse(made.expiresAt) - Date.now()).toBeGreaterThan(50_000)
  const alice = new User(kit.server, 'alice', made.token)
  expect((await alice.request(ViewerDocument)).viewer?.user?.identity).toBe('alice')
  await expect(ask({ name: 'token', identity: 'alice', ttlSeconds: 90_000 })).rejects.toThrow(OperatorRefusal)
  await expect(ask({ name: 'token', identity: 'alice', serviceId: 'IS0' })).rejects.toThrow('service')
})

test('an operator makes, lists and revokes API keys', async () => {
  const key = await ask<{ sid: string; secret: string }>({ name: 'createKey', friendlyName: 'script' })
  const metrics = (): Promise<Response> =>
    fetch(`${kit.server.url}/metrics`, { headers: { authorization: `Basic ${btoa(`${key.sid}:${key.secret}`)}` } })
  expect((await metrics()).status).toBe(200)
  const { keys } = await ask<{ keys: object[] }>({ name: 'listKeys' })
  expect(keys).toEqual([{ sid: key.sid, friendlyName: 'script', createdAt: expect.any(String), lastUsedAt: null }])
  expect(JSON.stringify(keys)).not.toContain(key.secret)
  await ask({ name: 'deleteKey', id: key.sid })
  expect((await metrics()).status).toBe(401)
  expect(await ask({ name: 'listKeys' })).toEqual({ keys: [] })
  await expect(ask({ name: 'deleteKey', id: key.sid })).rejects.toThrow(OperatorRefusal)
})

test('a key that a command revokes beside a server is refused there within seconds, without a hint', async () => {
  const { sid, secret } = await ask<{ sid: string; secret: string }>({ name: 'createKey' })
  const status = async (): Promise<number> => {
    const headers = { authorization: `Basic ${btoa(`${sid}:${secret}`)}` }
    return (await fetch(`${kit.server.url}/metrics`, { headers })).status
  }
  expect(await status()).toBe(200)
  const { accountId, clock, config, db, secrets } = kit.server.app
  const own = { bus: createMemoryBus(), caches: createCaches(), deletionWatch: new DeletionWatch() }
  const command = { accountId, clock, config, db, secrets, ...own, isEmbedded: false }
  readOperatorAnswer(await answerOperatorCall(command, JSON.stringify({ name: 'deleteKey', id: sid })))
  await waitFor(async () => (await status()) === 401, { timeout: 10_000 })
})

test('what is no call is a fault, and not an answer', async () => {
  await expect(ask({ name: 'dropEverything' })).rejects.not.toThrow(OperatorRefusal)
})
