import { expect, test } from 'vitest'
import { CreateChannelDocument, MessageBodiesDocument, ViewerDocument } from '../../../schema/generated/graphql.ts'
import { closeCodes } from '../../../src/graphql/socket/close-codes.ts'
import type { Server } from '../../../src/server.ts'
import { Caller, openKit, openSocket, record } from '../../support/kit.ts'
import { freshAddress } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

const [one, two, three] = ['first', 'second', 'third'].map((name) => `the ${name} auth token`) as [
  string,
  string,
  string,
]

test('the auth token is replaced while servers go on; older environments change nothing', async () => {
  await using kit = await openKit({ AUTH_TOKEN: one, TRUST_PROXY: '1' })
  const { accountId } = kit.server.account
  const authorizationOf = (token: string) => `Basic ${btoa(`${accountId}:${token}`)}`
  const isLetIn = async (server: Server, token: string) =>
    !(await new Caller(server, authorizationOf(token), { 'x-forwarded-for': freshAddress() }).ask(ViewerDocument))
      .errors
  let number = 0
  // Settings of its own make it another server on the embedded engine, too.
  const start = (AUTH_TOKEN: string) => kit.another({ AUTH_TOKEN, DEVICE_DAYS: String(40 + ++number) })
  const servers = [kit.server]
  /** At every server, those started before included. */
  const expectTokens = (expected: readonly [boolean, boolean, boolean]) =>
    waitFor(async () => {
      for (const server of servers) {
        for (const [at, token] of [one, two, three].entries()) {
          if ((await isLetIn(server, token)) !== expected[at]) return false
        }
      }
      return true
    })

  await expectTokens([true, false, false])
  servers.push(await start(`${two},${one}`))
  await expectTokens([true, true, false])
  const old = await start(one)
  servers.push(old)
  expect(old.account).toMatchObject({ authToken: two, isOlder: true })
  await expectTokens([true, true, false])

  const { createChannel } = await new Caller(old, authorizationOf(one)).request(CreateChannelDocument, { input: {} })
  const channelId = createChannel.channel.id
  const sockets = [one, two].map((token) => openSocket(old, { authorization: authorizationOf(token) }))
  const [byOld, byNew] = sockets.map((socket) => record(socket, MessageBodiesDocument, { channelId }))
  await waitFor(() => old.app.feeds.counters().length > 0)
  servers.push(await start(two))
  await expectTokens([false, true, false])
  await byOld!.ended()
  expect(byOld!.errors).toMatchObject([{ code: closeCodes.revoked.code }])
  expect(byNew!.errors).toEqual([])

  for (const older of [one, `${two},${one}`]) servers.push(await start(older))
  await expectTokens([false, true, false])
  // At once, as it was lost; and back, since both are named.
  servers.push(await start(three))
  await expectTokens([false, false, true])
  servers.push(await start(`${two},${three}`))
  await expectTokens([false, true, true])
  for (const socket of sockets) await socket.dispose()
}, 60_000)

test('a token that a start names behind the first opens the account too, and signs nothing yet', async () => {
  await using kit = await openKit({ AUTH_TOKEN: one })
  const later = await kit.another({ AUTH_TOKEN: `${one},${two}`, DEVICE_DAYS: '40' })
  expect(later.account).toMatchObject({ authToken: one, isOlder: false })
  const authorization = `Basic ${btoa(`${later.account.accountId}:${two}`)}`
  for (const server of [kit.server, later]) {
    await waitFor(async () => !(await new Caller(server, authorization).ask(ViewerDocument)).errors)
  }
})
