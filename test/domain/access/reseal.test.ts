import { createCipheriv, randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { CreateApiKeyDocument, CreateCredentialDocument, ViewerDocument } from '../../../schema/generated/graphql.ts'
import { reseal } from '../../../src/domain/access/reseal.ts'
import { createSecretBox } from '../../../src/domain/access/secret.ts'
import type { ApiKeyId } from '../../../src/model/sid.ts'
import { sealedColumns } from '../../../src/store/sealed.ts'
import { apiKeys } from '../../../src/store/tables/account.ts'
import { Caller, openKit, User } from '../../support/kit.ts'

const [older, newer, strange] = ['ab', 'cd', 'ef'].map((byte) => byte.repeat(32)) as [string, string, string]

/** As it was sealed before keys were named. */
function sealWithoutName(key: string, secret: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'hex'), nonce)
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return [nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url')).join('.')
}

test('the first key seals, each of them opens, and one that is not there is said to be missing', () => {
  const [old, both, swapped, young] = [older, `${older},${newer}`, `${newer},${older}`, newer].map(createSecretBox)
  for (const box of [both!, swapped!]) {
    for (const sealed of [
      old!.seal('secret'),
      young!.seal('secret'),
      sealWithoutName(older, 'secret'),
      sealWithoutName(newer, 'secret'),
    ])
      expect(box.open(sealed)).toBe('secret')
  }
  expect(old!.open(both!.seal('secret'))).toBe('secret')
  expect(young!.open(swapped!.seal('secret'))).toBe('secret')
  for (const sealed of [both!.seal('secret'), sealWithoutName(older, 'secret')]) {
    expect(() => young!.open(sealed)).toThrow('SECRET_KEY')
  }
  expect(() => createSecretBox(strange).open(both!.seal('secret'))).toThrow('SECRET_KEY')
  expect(both!.open(both!.seal(''))).toBe('')
})

test('a key is replaced while servers go on: nothing is refused at any step', async () => {
  await using kit = await openKit({ SECRET_KEY: older })
  const { db } = kit.store
  const alice = await kit.user('alice')
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  const { id } = createApiKey.apiKey
  await kit.backend.request(CreateCredentialDocument, { input: { type: 'FCM', secret: 'of a push service' } })
  await db.orm
    .update(apiKeys)
    .set({ secret: sealWithoutName(older, createApiKey.secret) })
    .where(eq(apiKeys.id, id as ApiKeyId))
  const expectServing = async (SECRET_KEY: string) => {
    const server = await kit.another({ SECRET_KEY })
    const callers = [
      new Caller(server, kit.backend.authorization),
      new Caller(server, `Basic ${btoa(`${id}:${createApiKey.secret}`)}`),
      new User(server, alice.identity, alice.token),
    ]
    for (const caller of callers) await caller.request(ViewerDocument)
    return server
  }
  await expectServing(`${older},${newer}`)
  const { app } = await expectServing(`${newer},${older}`)
  await expect(kit.another({ SECRET_KEY: newer })).rejects.toThrow('SECRET_KEY')
  const total = await countSealed()
  expect(await reseal(db, app.secrets)).toBe(total)
  expect(await reseal(db, app.secrets)).toBe(0)
  await expectServing(newer)
  await expectServing(`${older},${newer}`)

  async function countSealed(): Promise<number> {
    let count = 0
    for (const [table, column] of sealedColumns) {
      const [row] = await db.run<{ count: number }>(`SELECT count(${column})::int AS count FROM ${table}`, [])
      count += row!.count
    }
    return count
  }
})
