import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreateServiceDocument,
  DeleteServiceDocument,
  NodeDocument,
  RolesDocument,
  ServiceDocument,
  ServicesDocument,
  UpdateServiceDocument,
  type UpdateServiceInput,
  type WebhookSettingsInput,
} from '../../../schema/generated/graphql.ts'
import { defaultRoles } from '../../../src/model/permission.ts'
import { newSid, type ServiceId } from '../../../src/model/sid.ts'
import { makeAccount, makeRole } from '../../support/authority.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const noService = { code: 'NOT_FOUND', chatCode: 50050 }
const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
const bad = (chatCode?: number) => ({ code: 'BAD_USER_INPUT', ...(chatCode !== undefined && { chatCode }) })

async function makeService(friendlyName = 'made') {
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName } })
  return createService.service
}

async function read(id?: string) {
  return (await kit.backend.request(ServiceDocument, { id })).service!
}

async function update(serviceId: string, settings: Omit<UpdateServiceInput, 'serviceId'>) {
  const { updateService } = await kit.backend.request(UpdateServiceDocument, { input: { serviceId, ...settings } })
  return updateService.service
}

/** What webhooks are like until that is changed. */
const usualLimits = {
  userSends: { limit: 60, seconds: 3 },
  userOperations: { limit: 200, seconds: 4 },
  userTyping: { limit: 20, seconds: 4 },
  userSockets: 20,
  userSubscriptions: 200,
}

const usual = {
  bodyFormat: 'FORM',
  enabled: true,
  apiEnabled: true,
  preTimeoutMilliseconds: 5000,
  preRequired: false,
} as const

test('a new service has its four roles, three of them defaults, and the usual settings', async () => {
  const service = await makeService('🦉'.repeat(32))
  const { service: withRoles } = await kit.backend.request(RolesDocument, { serviceId: service.id })
  const roles = withRoles!.roles.edges.map(({ node }) => node)
  expect(roles).toMatchObject(
    Object.values(defaultRoles).map(({ type, ...role }) => ({ ...role, type: type.toUpperCase() })),
  )
  const [, serviceUser, channelAdmin, channelUser] = roles.map(({ id, friendlyName }) => ({ id, friendlyName }))
  const off = { enabled: false, template: null }
  expect(service).toEqual({
    id: service.id,
    friendlyName: '🦉'.repeat(32),
    isDefault: false,
    defaultServiceRole: serviceUser,
    defaultChannelRole: channelUser,
    defaultChannelCreatorRole: channelAdmin,
    readStatusEnabled: true,
    readReceiptsMaxMembers: 100,
    userDirectory: 'OFF',
    editHistory: 'NONE',
    language: 'en',
    reachabilityEnabled: false,
    typingIndicatorTimeout: 5,
    consumptionReportInterval: 10,
    limits: { channelMembers: 100, userChannels: 250, ...usualLimits },
    webhooks: { preUrl: null, postUrl: null, method: 'POST', filters: [], targets: [], ...usual },
    notifications: { newMessage: off, addedToChannel: off, removedFromChannel: off, invitedToChannel: off },
  })
  expect(await read(service.id)).toEqual(service)
  expect(await kit.backend.request(NodeDocument, { id: service.id })).toMatchObject({ node: { id: service.id } })
})

test('a change sets what it names and leaves the rest, within webhooks and notifications too', async () => {
  const { id } = await makeService()
  const preUrl = 'https://user:secret@example.com/pre?x=1'
  const both = await update(id, {
    webhooks: {
      preUrl,
      filters: ['ON_USER_UPDATE', 'ON_MESSAGE_SEND', 'ON_USER_UPDATE', 'ON_MEMBER_ADD'],
      targets: [
        { event: 'ON_MESSAGE_SEND', url: 'http://example.com', method: 'GET' },
        { event: 'ON_MEMBER_ADD', method: 'GET' },
      ],
    },
    notifications: { newMessage: { enabled: true, template: 'New!' }, invitedToChannel: { template: 'Come!' } },
  })
  expect(both.webhooks).toEqual({
    preUrl,
    postUrl: null,
    method: 'POST',
    filters: ['ON_USER_UPDATE', 'ON_MESSAGE_SEND', 'ON_MEMBER_ADD'],
    targets: [
      { event: 'ON_MESSAGE_SEND', url: 'http://example.com', method: 'GET' },
      { event: 'ON_MEMBER_ADD', url: null, method: 'GET' },
    ],
    ...usual,
  })
  const unusual = {
    bodyFormat: 'JSON',
    enabled: false,
    apiEnabled: false,
    preTimeoutMilliseconds: 100,
    preRequired: true,
  } as const
  const less = await update(id, {
    limits: { userChannels: 1 },
    webhooks: {
      preUrl: null,
      postUrl: preUrl,
      filters: ['ON_MESSAGE_SEND', 'ON_USER_ADDED'],
      ...unusual,
      targets: [
        { event: 'ON_MESSAGE_SEND', method: null },
        { event: 'ON_MEMBER_ADD', method: null },
      ],
    },
    notifications: { newMessage: { template: null } },
  })
  expect(less).toEqual({
    ...both,
    limits: { channelMembers: 100, userChannels: 1, ...usualLimits },
    webhooks: {
      ...both.webhooks!,
      ...unusual,
      preUrl: null,
      postUrl: preUrl,
      filters: ['ON_MESSAGE_SEND', 'ON_USER_ADDED'],
      targets: [{ event: 'ON_MESSAGE_SEND', url: 'http://example.com', method: null }],
    },
    notifications: { ...both.notifications!, newMessage: { enabled: true, template: null } },
  })
  expect(less.notifications!.invitedToChannel).toEqual({ enabled: false, template: 'Come!' })
  expect(await read(id)).toEqual(less)
  const { webhooks } = await update(id, { webhooks: { method: null, bodyFormat: null } })
  expect(webhooks).toEqual({ ...less.webhooks!, bodyFormat: 'FORM' })
})

test('webhooks that would never be called are refused; what is taken away may leave the rest without use', async () => {
  const { id } = await makeService()
  const url = 'https://example.com/hook'
  const refused = async (webhooks: WebhookSettingsInput): Promise<string> => {
    const before = await read(id)
    const { message } = await kit.backend.expectRefusal(
      UpdateServiceDocument,
      { input: { serviceId: id, webhooks } },
      'BAD_USER_INPUT',
    )
    expect(await read(id)).toEqual(before)
    return message
  }
  const pre = 'ON_MESSAGE_SEND'
  const post = 'ON_MESSAGE_SENT'
  const noEvent = (name: string) => expect.stringContaining(`${name} would never be called`) as string
  const nowhere = expect.stringContaining('would be sent nowhere') as string
  const own = { event: pre, url } as const
  for (const filters of [undefined, null, []]) {
    expect(await refused({ preUrl: url, filters })).toEqual(noEvent('preUrl'))
    expect(await refused({ postUrl: url, filters })).toEqual(noEvent('postUrl'))
    expect(await refused({ preUrl: url, filters, targets: [own] })).toEqual(noEvent('preUrl'))
  }
  expect(await refused({ preUrl: url, postUrl: url, filters: [pre] })).toEqual(noEvent('postUrl'))
  expect(await refused({ preUrl: url, postUrl: url, filters: [post] })).toEqual(noEvent('preUrl'))
  expect(await refused({ preUrl: url, filters: [pre], targets: [own] })).toEqual(noEvent('preUrl'))
  expect(await refused({ filters: [pre] })).toEqual(nowhere)
  expect(await refused({ postUrl: url, filters: [post, pre] })).toEqual(nowhere)
  expect(await refused({ preUrl: url, filters: [pre, post] })).toEqual(nowhere)
  expect(await refused({ preUrl: null, filters: [pre] })).toEqual(nowhere)
  expect(await refused({ targets: [{ event: pre, method: 'GET' }] })).toEqual(nowhere)
  expect(await refused({ targets: [{ event: pre, url: null, method: 'GET' }] })).toEqual(nowhere)
  expect(await refused({ preUrl: url, filters: [pre], targets: [{ event: post, method: 'GET' }] })).toEqual(nowhere)
  expect(await refused({ targets: [{ event: pre }] })).toContain('must have a url or a method')

  await update(id, { webhooks: { targets: [own] } })
  await update(id, { webhooks: { filters: [pre] } })
  await update(id, { webhooks: { preUrl: url, filters: [pre, 'ON_CHANNEL_ADD'] } })
  await update(id, { webhooks: { postUrl: url, filters: [pre, 'ON_CHANNEL_ADD', post] } })
  const steps: WebhookSettingsInput[] = [{ filters: [post] }, { postUrl: null }, { filters: null }, { preUrl: null }]
  for (const webhooks of steps) await update(id, { webhooks })
  const { webhooks } = await update(id, { webhooks: { targets: [{ event: pre, url: null }] } })
  expect(webhooks).toMatchObject({ preUrl: null, postUrl: null, filters: [], targets: [] })
})

test('settings changed at the same moment are all kept', async () => {
  const events = ['ON_MESSAGE_SEND', 'ON_MESSAGE_SENT', 'ON_CHANNEL_ADD', 'ON_CHANNEL_ADDED', 'ON_USER_ADDED'] as const
  for (let round = 0; round < 10; round++) {
    const { id } = await makeService()
    await Promise.all(
      events.map((event) => update(id, { webhooks: { targets: [{ event, url: `https://example.com/${event}` }] } })),
    )
    const { targets } = (await read(id)).webhooks!
    expect(targets.map(({ event }) => event).sort()).toEqual([...events].sort())
  }
})

test('a setting out of its range is refused, and nothing of its change is kept', async () => {
  const service = await makeService()
  const refused = (settings: Omit<UpdateServiceInput, 'serviceId'>) =>
    refusalOf(kit.backend, UpdateServiceDocument, {
      input: { serviceId: service.id, readStatusEnabled: false, ...settings },
    })
  const long = `https://example.com/${'x'.repeat(2048)}`
  expect(await refused({ friendlyName: '' })).toEqual(bad(50000))
  expect(await refused({ friendlyName: null })).toEqual(bad(50000))
  expect(await refused({ friendlyName: 'x'.repeat(65) })).toEqual(bad(50003))
  for (const seconds of [0, -1, 601, null]) {
    expect(await refused({ typingIndicatorTimeout: seconds })).toEqual(bad(50053))
  }
  for (const seconds of [0, 86_401, null]) {
    expect(await refused({ consumptionReportInterval: seconds })).toEqual(bad(50052))
  }
  for (const most of [0, 1001, null]) {
    expect(await refused({ limits: { channelMembers: most } })).toEqual(bad(50061))
    expect(await refused({ limits: { userChannels: most } })).toEqual(bad(50060))
  }
  expect(await refused({ readStatusEnabled: null })).toEqual(bad())
  expect(await refused({ reachabilityEnabled: null })).toEqual(bad())
  for (const url of ['example.com', '//example.com', 'ftp://example.com', 'https://', long, 'https://a.b/\0']) {
    expect(await refused({ webhooks: { preUrl: url } })).toEqual(bad())
    expect(await refused({ webhooks: { postUrl: url } })).toEqual(bad())
    expect(await refused({ webhooks: { targets: [{ event: 'ON_USER_ADDED', url }] } })).toEqual(bad())
  }
  const template = 'x'.repeat(2049)
  expect(await refused({ notifications: { newMessage: { template } } })).toEqual(bad(50058))
  expect(await read(service.id)).toEqual(service)
  expect(await refusalOf(kit.backend, UpdateServiceDocument, { input: { serviceId: service.id } })).toEqual(bad())
  expect(await refusalOf(kit.backend, CreateServiceDocument, { input: { friendlyName: '' } })).toEqual(bad(50000))
})

test('a default role is one of the service’s own and of the right type', async () => {
  const service = await makeService()
  const own = {
    channel: await makeRole(kit, 'channel', [], service.id as ServiceId),
    deployment: await makeRole(kit, 'deployment', [], service.id as ServiceId),
  }
  const foreign = { channel: await makeRole(kit, 'channel', []), deployment: await makeRole(kit, 'deployment', []) }
  const settings = [
    ['defaultServiceRoleId', 'deployment', 'channel', 50102],
    ['defaultChannelRoleId', 'channel', 'deployment', 50101],
    ['defaultChannelCreatorRoleId', 'channel', 'deployment', 50106],
  ] as const
  for (const [name, right, wrong, chatCode] of settings) {
    for (const id of [own[wrong], foreign[right], newSid('RL'), service.id, '', null]) {
      const input = { serviceId: service.id, [name]: id }
      expect(await refusalOf(kit.backend, UpdateServiceDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode })
    }
  }
  expect(await read(service.id)).toEqual(service)
  const changed = await update(service.id, {
    defaultServiceRoleId: own.deployment,
    defaultChannelRoleId: own.channel,
    defaultChannelCreatorRoleId: own.channel,
  })
  expect(changed).toMatchObject({
    defaultServiceRole: { id: own.deployment },
    defaultChannelRole: { id: own.channel },
    defaultChannelCreatorRole: { id: own.channel },
  })
})

test('services are listed in the order they were made, page by page', async () => {
  const made = [await makeService(), await makeService(), await makeService()]
  const { services } = await kit.backend.request(ServicesDocument, { first: 1000 })
  const all = services.edges.map(({ node }) => node)
  expect(all.slice(-3)).toEqual(made)
  expect(all[0]).toMatchObject({ isDefault: true, friendlyName: 'default' })
  const { services: page } = await kit.backend.request(ServicesDocument, { last: 2, before: made[2]!.id })
  expect(page.edges.map(({ node }) => node)).toEqual(made.slice(0, 2))
  expect(page.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: true })
})

test('users see their own service without its webhooks, and change nothing', async () => {
  const [alice, other] = [await kit.user('alice'), await makeService()]
  const service = await read()
  expect((await alice.request(ServiceDocument, {})).service).toEqual({
    ...service,
    webhooks: null,
    notifications: null,
  })
  expect(await alice.request(ServiceDocument, { id: other.id })).toEqual({ service: null })
  const serviceId = service.id
  expect(await refusalOf(alice, ServicesDocument)).toEqual(forbidden)
  expect(await refusalOf(alice, CreateServiceDocument, { input: { friendlyName: 'mine' } })).toEqual(forbidden)
  const change = { serviceId, friendlyName: 'mine' }
  expect(await refusalOf(alice, UpdateServiceDocument, { input: change })).toEqual(forbidden)
  expect(await refusalOf(alice, DeleteServiceDocument, { input: { serviceId } })).toEqual(forbidden)
  expect(await read()).toEqual(service)
})

test('a service of another account does not exist', async () => {
  const { backend: stranger, service: theirs } = await makeAccount(kit)
  const service = await makeService()
  expect(await stranger.request(ServiceDocument, { id: service.id })).toEqual({ service: null })
  const { services } = await stranger.request(ServicesDocument, { first: 1000 })
  expect(services.edges.map(({ node }) => node.id)).toEqual([theirs.id])
  for (const serviceId of [service.id, newSid('IS'), '']) {
    const input = { serviceId, friendlyName: 'mine' }
    expect(await refusalOf(stranger, UpdateServiceDocument, { input })).toEqual(noService)
    expect(await refusalOf(stranger, DeleteServiceDocument, { input: { serviceId } })).toEqual(noService)
  }
  expect(await read(service.id)).toEqual(service)
})
