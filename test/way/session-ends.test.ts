import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest'
import {
  AddMemberDocument,
  CreateApiKeyDocument,
  CreateChannelDocument,
  CreateServiceDocument,
  CreateUserDocument,
  DeleteApiKeyDocument,
  DeleteServiceDocument,
  DeleteUserDocument,
  MessageBodiesDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  UpdateUserDocument,
  UserUpdatedDocument,
  ViewerEventsDocument,
} from '../../schema/generated/graphql.ts'
import { closeCodes } from '../../src/graphql/socket/close-codes.ts'
import type { Server } from '../../src/server.ts'
import { subscribeOverEvents } from '../support/event-stream.ts'
import { Caller, openKit, openSocket, record, uniqueName, type Kit, type Recording } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
})
afterAll(() => kit.close())

/** Somebody who is connected, and what there is to end it with. */
interface Scene {
  readonly server: Server
  readonly authorization: string
  readonly userId: string
  readonly serviceId: string
  readonly channelId: string
  readonly memberId: string
  readonly keyId: string
}

/** What is subscribed to. */
type Of = 'channel' | 'user' | 'viewer'

type Outcome = { readonly code: string; readonly chatCode?: number } | { readonly closeCode: number }

interface End {
  /** Whose connection it ends. */
  readonly caller: 'user' | 'backend'
  /** Only the subscription to a channel, or those to a user and to the caller too. */
  readonly of: 'channel' | 'both'
  readonly act: (scene: Scene) => Promise<unknown>
  readonly events: Outcome
  readonly socket: Outcome
  readonly ttlSeconds?: number
}

const revoke = ({ keyId }: Scene) => kit.backend.request(DeleteApiKeyDocument, { input: { apiKeyId: keyId } })

const ends: Readonly<Record<string, End>> = {
  'its token expires': {
    caller: 'user',
    of: 'both',
    ttlSeconds: 8,
    act: async () => {},
    events: { code: 'UNAUTHENTICATED', chatCode: 20104 },
    socket: { closeCode: closeCodes.expired.code },
  },
  'its user is deleted': {
    caller: 'user',
    of: 'both',
    act: ({ userId }) => kit.backend.request(DeleteUserDocument, { input: { userId } }),
    events: { code: 'UNAUTHENTICATED', chatCode: 20101 },
    socket: { closeCode: closeCodes.userDeleted.code },
  },
  'its service is deleted': {
    caller: 'user',
    of: 'both',
    act: ({ serviceId }) => kit.backend.request(DeleteServiceDocument, { input: { serviceId } }),
    events: { code: 'NOT_FOUND', chatCode: 50050 },
    socket: { code: 'NOT_FOUND', chatCode: 50050 },
  },
  'its membership ends': {
    caller: 'user',
    of: 'channel',
    act: ({ memberId }) => kit.backend.request(RemoveMemberDocument, { input: { memberId } }),
    events: { code: 'FORBIDDEN', chatCode: 50400 },
    socket: { code: 'FORBIDDEN', chatCode: 50400 },
  },
  'the key that signed its token is revoked': {
    caller: 'user',
    of: 'both',
    act: revoke,
    events: { code: 'UNAUTHENTICATED', chatCode: 20003 },
    socket: { closeCode: closeCodes.revoked.code },
  },
  'its own key is revoked': {
    caller: 'backend',
    of: 'channel',
    act: revoke,
    events: { code: 'UNAUTHENTICATED', chatCode: 20003 },
    socket: { closeCode: closeCodes.revoked.code },
  },
  'its process stops': {
    caller: 'user',
    of: 'both',
    act: ({ server }) => server.close({ immediate: true }),
    events: { code: 'UNAVAILABLE' },
    socket: { closeCode: closeCodes.restart.code },
  },
}

async function openScene({ caller, ttlSeconds = 3600 }: End, server: Server): Promise<Scene> {
  const { backend } = kit
  const { createService } = await backend.request(CreateServiceDocument, { input: { friendlyName: 'ends' } })
  const serviceId = createService.service.id
  const { createChannel } = await backend.request(CreateChannelDocument, { input: { serviceId } })
  const channelId = createChannel.channel.id
  const identity = uniqueName('bob')
  const { createUser } = await backend.request(CreateUserDocument, { input: { identity, serviceId } })
  const { createApiKey } = await backend.request(CreateApiKeyDocument, { input: {} })
  const { id: keyId } = createApiKey.apiKey
  const { addMember } = await backend.request(AddMemberDocument, { input: { channelId, identity } })
  const token = await new SignJWT({ grants: { identity, chat: { service_sid: serviceId } } })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(keyId)
    .setSubject(kit.server.account.accountId)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + ttlSeconds)
    .sign(Buffer.from(createApiKey.secret))
  const authorization = caller === 'user' ? `Bearer ${token}` : `Basic ${btoa(`${keyId}:${createApiKey.secret}`)}`
  return {
    server,
    authorization,
    userId: createUser.user.id,
    serviceId,
    channelId,
    memberId: addMember.member.id,
    keyId,
  }
}

/** What a subscription ended with: a close code of its socket, or an error. */
function outcomeOf({ errors }: Recording<unknown>): Outcome {
  const [error] = errors.flat() as ({ code?: number; extensions?: Outcome } | undefined)[]
  return error?.extensions ?? { closeCode: error!.code! }
}

type OnTestFinished = TestContext['onTestFinished']

const documents = { user: UserUpdatedDocument, viewer: ViewerEventsDocument }

const ways = {
  events: async ({ server, authorization, channelId }: Scene, of: Of, _onTestFinished: OnTestFinished) => {
    const caller = new Caller(server, authorization)
    if (of === 'channel') return subscribeOverEvents(caller, MessageBodiesDocument, { channelId })
    return subscribeOverEvents<unknown, object>(caller, documents[of], {})
  },
  socket: async ({ server, authorization, channelId }: Scene, of: Of, onTestFinished: OnTestFinished) => {
    const client = openSocket(server, { authorization })
    onTestFinished(async () => client.dispose())
    if (of === 'channel') return record(client, MessageBodiesDocument, { channelId })
    return record<unknown, Record<string, unknown>>(client, documents[of], {})
  },
} satisfies Record<string, (scene: Scene, of: Of, onTestFinished: OnTestFinished) => Promise<Recording<unknown>>>

/** Makes something happen until the subscription has delivered something: then it is open. */
async function opened(scene: Scene, recording: Recording<unknown>, of: Of): Promise<void> {
  const { userId, channelId } = scene
  await waitFor(
    async () => {
      if (recording.items.length > 0) return true
      if (of !== 'channel') await kit.backend.request(UpdateUserDocument, { input: { userId, friendlyName: 'poked' } })
      else await kit.backend.request(SendMessageDocument, { input: { channelId, body: 'poked' } })
      return false
    },
    { interval: 50 },
  )
}

const table = Object.entries(ends).flatMap(([name, end]) =>
  (['events', 'socket'] as const).flatMap((way) =>
    (end.of === 'both' ? (['channel', 'user', 'viewer'] as const) : (['channel'] as const)).map((of) => ({
      name,
      end,
      way,
      of,
    })),
  ),
)

async function expectEnd({ end, way, of, name }: (typeof table)[number], context: TestContext): Promise<void> {
  // One that is stopped is one of its own.
  const server = name.includes('stops') ? await kit.another({ DEVICE_DAYS: '31' }) : other
  const scene = await openScene(end, server)
  const recording = await ways[way](scene, of, context.onTestFinished)
  await opened(scene, recording, of)
  await end.act(scene)
  await recording.ended(15_000)
  expect(outcomeOf(recording)).toEqual(end[way])
}

describe('P10: what stays open ends', () => {
  // All wait for the same seconds.
  const isWaiting = ({ end }: (typeof table)[number]): boolean => end.ttlSeconds !== undefined
  test.concurrent.for(table.filter(isWaiting))('when $name: $way, to a $of', expectEnd)

  test.for(table.filter((row) => !isWaiting(row)))('when $name: $way, to a $of', expectEnd)

  test.each(['events', 'socket'] as const)(
    'within 3 seconds of the revoking of a key, though no hint arrives: %s',
    async (way) => {
      const deaf = await kit.another({ DEVICE_DAYS: '32' })
      const end = ends['its own key is revoked']!
      const scene = await openScene(end, deaf)
      const recording = await ways[way](scene, 'channel', onTestFinished)
      await opened(scene, recording, 'channel')
      const { bus } = kit.server.app
      const { publish } = bus
      bus.publish = () => {}
      onTestFinished(() => {
        bus.publish = publish
      })
      await end.act(scene)
      await recording.ended(3000)
      expect(outcomeOf(recording)).toEqual(end[way])
      const caller = new Caller(deaf, scene.authorization)
      expect((await caller.ask('{ viewer { kind } }')).errors).toMatchObject([
        { extensions: { code: 'UNAUTHENTICATED' } },
      ])
    },
  )
})
