import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { openRest, openTwilio, type Rest } from '../support/rest.ts'

let kit: Kit
let rest: Rest
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
})
afterAll(() => kit.close())

interface Page {
  readonly messages: readonly { readonly index: number }[]
  readonly meta: {
    readonly page: number
    readonly page_size: number
    readonly key: string
    readonly url: string
    readonly first_page_url: string
    readonly previous_page_url: string | null
    readonly next_page_url: string | null
  }
}

async function openHistory(length: number): Promise<string> {
  const channel = await kit.channel([])
  for (let index = 0; index < length; index++) await kit.backend.send(channel.id, `${index}`)
  return channel.id
}

const indexes = ({ messages }: Page): number[] => messages.map(({ index }) => index)

test.each([
  ['asc', [[0, 1], [2, 3], [4]]],
  ['desc', [[4, 3], [2, 1], [0]]],
] as const)('the links of a list in order %s lead through all of it and back', async (order, pages) => {
  const path = rest.in(`/Channels/${await openHistory(5)}/Messages`)
  const first = await rest.get<Page>(path, { Order: order, PageSize: 2 })
  const seen = [first.body]
  while (seen.at(-1)!.meta.next_page_url) seen.push((await rest.get<Page>(seen.at(-1)!.meta.next_page_url!)).body)
  expect(seen.map(indexes)).toEqual(pages)
  expect(seen.map(({ meta }) => meta.page)).toEqual([0, 1, 2])
  expect(first.body.meta.previous_page_url).toBeNull()

  const back = [seen.at(-1)!]
  while (back.at(-1)!.meta.previous_page_url)
    back.push((await rest.get<Page>(back.at(-1)!.meta.previous_page_url!)).body)
  expect(back.map(indexes)).toEqual(pages.toReversed())
  expect(back.map(({ meta }) => meta.page)).toEqual([2, 1, 0])

  const [middle] = seen.slice(1)
  expect((await rest.get<Page>(middle!.meta.url)).body).toEqual(middle)
  expect(indexes((await rest.get<Page>(middle!.meta.first_page_url)).body)).toEqual(pages[0])
})

test('the helper library follows the links of a list to its end and stops at a limit', async () => {
  const { messages } = openTwilio(rest)
    .chat.v1.services(rest.serviceId)
    .channels(await openHistory(7))
  expect((await messages.list({ pageSize: 3 })).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(await messages.list({ limit: 4 })).toHaveLength(4)
  const second = await (await messages.page({ pageSize: 3 })).nextPage()
  expect(second!.instances.map(({ index }) => index)).toEqual([3, 4, 5])
  expect((await second!.previousPage())!.instances.map(({ index }) => index)).toEqual([0, 1, 2])
})

test('an empty list is a page without neighbours', async () => {
  const channelId = await openHistory(0)
  const { body } = await rest.get<Page>(rest.in(`/Channels/${channelId}/Messages`))
  const url = `${kit.server.url}/v1${rest.in(`/Channels/${channelId}/Messages`)}?PageSize=50&Page=0`
  expect(body).toEqual({
    messages: [],
    meta: {
      page: 0,
      page_size: 50,
      key: 'messages',
      url,
      first_page_url: url,
      previous_page_url: null,
      next_page_url: null,
    },
  })
})

test('a page larger than the largest is the largest, and one smaller than the smallest the smallest', async () => {
  const path = rest.in(`/Channels/${await openHistory(2)}/Messages`)
  const sizeOf = async (asked: number): Promise<number> =>
    (await rest.get<Page>(path, { PageSize: asked })).body.meta.page_size
  expect([await sizeOf(5000), await sizeOf(1000), await sizeOf(0)]).toEqual([1000, 1000, 1])
})

test('links contain the filters of the list and the SID of a channel that was read by name', async () => {
  const [alice, bob] = [await kit.user('alice&=+%'), await kit.user('bob')]
  const uniqueChannel = uniqueName('named')
  const channel = await kit.channel([alice, bob], { uniqueName: uniqueChannel })
  const { body } = await rest.get<{ members: { identity: string }[]; meta: Page['meta'] }>(
    rest.in(`/Channels/${uniqueChannel}/Members`),
    { Identity: [alice.identity, bob.identity], PageSize: 1 },
  )
  expect(body.members).toMatchObject([{ identity: alice.identity }])
  const filters = `Identity=${encodeURIComponent(alice.identity)}&Identity=${encodeURIComponent(bob.identity)}`
  expect(body.meta.url).toBe(
    `${kit.server.url}/v1${rest.in(`/Channels/${channel.id}/Members`)}?${filters}&PageSize=1&Page=0`,
  )
  const next = await rest.get<{ members: { identity: string }[] }>(body.meta.next_page_url!)
  expect(next.body.members).toMatchObject([{ identity: bob.identity }])
})

test('a page token that is none, and one of another list, are refused', async () => {
  const [here, there] = [await openHistory(2), await openHistory(2)]
  const path = rest.in(`/Channels/${here}/Messages`)
  const { body } = await rest.get<Page>(rest.in(`/Channels/${there}/Messages`), { PageSize: 1 })
  const foreign = new URL(body.meta.next_page_url!).searchParams.get('PageToken')!
  for (const token of [foreign, 'x', Buffer.from('after:x').toString('base64url')]) {
    expect(await rest.get(path, { PageToken: token })).toMatchObject({
      status: 400,
      body: { code: 20001, status: 400 },
    })
  }
  expect(await rest.get(path, { PageSize: 'many' })).toMatchObject({ status: 400, body: { code: 20001 } })
})

test('links begin with the public address, with what a trusted proxy was called by, or with what the client called', async () => {
  const linkOf = async (environment: Record<string, string>, headers: Record<string, string>): Promise<string> => {
    const { port } = await kit.another(environment)
    const response = await fetch(`http://127.0.0.1:${port}/v1/Services`, {
      headers: { authorization: kit.backend.authorization, ...headers },
    })
    const body = (await response.json()) as Pick<Page, 'meta'>
    return new URL(body.meta.url).origin + new URL(body.meta.url).pathname
  }
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example.com' }
  expect(await linkOf({ PUBLIC_URL: 'https://public.example.com/chat/' }, forwarded)).toBe(
    'https://public.example.com/chat/v1/Services',
  )
  expect(await linkOf({ TRUST_PROXY: '1' }, forwarded)).toBe('https://chat.example.com/v1/Services')
  expect(await linkOf({ TRUST_PROXY: '1' }, { 'x-forwarded-host': 'a b' })).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1/)
  expect(await linkOf({}, forwarded)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/Services$/)
})
