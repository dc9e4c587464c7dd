import { createHmac } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { SigningSecretDocument } from '../../../schema/generated/graphql.ts'
import { ensureAccount } from '../../../src/domain/access/account.ts'
import { services } from '../../../src/store/tables/service.ts'
import { Caller, openKit } from '../../support/kit.ts'

test('a service keeps the secret of its webhooks when the auth token is replaced, also one of an earlier version', async () => {
  await using kit = await openKit()
  const { server, store } = kit
  const { accountId, authToken, serviceId } = server.account
  const secretAt = async (caller: Caller) =>
    (await caller.request(SigningSecretDocument, { serviceId })).service!.webhooks!.signingSecret
  const own = await secretAt(kit.backend)
  const derived = `whsec_${createHmac('sha256', authToken).update(`webhooks of ${serviceId}`).digest('base64')}`
  expect(own).not.toBe(derived)
  const replaced = 'another-auth-token'
  await store.db.orm.update(services).set({ webhookSecret: null }).where(eq(services.id, serviceId))
  server.app.caches.services.clear()
  expect(await secretAt(kit.backend)).toBe(derived)
  await ensureAccount(store.db, server.app.secrets, { ACCOUNT_SID: accountId, AUTH_TOKEN: replaced })
  server.app.caches.services.clear()
  server.app.caches.accounts.clear()
  expect(await secretAt(new Caller(server, `Basic ${btoa(`${accountId}:${replaced}`)}`))).toBe(derived)
})
