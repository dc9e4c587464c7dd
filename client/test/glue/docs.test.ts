import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from '../../../test/support/kit.ts'
import { waitFor } from '../../../test/support/wait.ts'

/** The code of the pages for Apollo Client and urql, as it stands there. */

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const blocks = (page: string): readonly string[] => {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block!)
}

interface Shown {
  readonly body: string
}

interface Running {
  send(body: string): Promise<unknown>
  loadOlder(startCursor?: string): Promise<unknown>
  close(): Promise<void>
}

const apollo = blocks('apollo.md')
const [, documents = '', sending = ''] = apollo
const sendDocument = /^const Send = gql`.*?^`$/ms.exec(sending)![0]
const sources = {
  'Apollo Client': apollo.join('\n'),
  urql: [
    `import { gql } from '@urql/core'`,
    documents,
    sendDocument,
    ...blocks('urql.md').map((block) =>
      block.replace('(Events,', '(Events(),').replaceAll('(Messages,', '(Messages(),'),
    ),
  ].join('\n'),
}

test.each(Object.entries(sources))('the code for %s shows history, live and sent messages', async (_name, source) => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  for (let index = 0; index < 30; index++) await bob.send(channelId, `message ${index}`)
  let shown: readonly Shown[] = []
  const mine = {
    channelId,
    identity: alice.identity,
    fetchToken: () => alice.token,
    show: (messages: readonly Shown[]) => {
      shown = messages
    },
  }
  // A module that comes from no file must know where others are, and what is the application's.
  const name = `docs${channelId}`
  Object.assign(globalThis, { [name]: mine })
  const code = source
    .replace('http://127.0.0.1:4000', kit.server.url)
    .replace(/from '(@fonechat\/client\/(\w+))'/g, (_all, _path, part: string) => {
      return `from '${new URL(`../../src/${part}/index.ts`, import.meta.url).href}'`
    })
    .replace(/from '(@(?:apollo|urql)\/[\w/]+)'/g, (_all, path: string) => `from '${import.meta.resolve(path)}'`)
  const module = [
    `const { channelId, identity, fetchToken, show } = globalThis.${name}`,
    code,
    `export { send, loadOlder }`,
    `export const close = async () => { client.stop?.(); await connection.close() }`,
  ].join('\n')
  const running = (await import(`data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(module))}`)) as Running
  try {
    const bodies = () => shown.map(({ body }) => body)
    await waitFor(() => bodies().at(-1) === 'message 29')
    await bob.send(channelId, 'live')
    await waitFor(() => bodies().at(-1) === 'live')
    await running.send('mine')
    await waitFor(() => bodies().at(-1) === 'mine')
    const { channel } = await alice.request<
      { channel: { messages: { pageInfo: { startCursor: string } } } },
      { id: string }
    >('query ($id: ID!) { channel(id: $id) { messages(last: 27) { pageInfo { startCursor } } } }', { id: channelId })
    await running.loadOlder(channel.messages.pageInfo.startCursor)
    await waitFor(() => bodies().length === 32)
    expect(bodies()).toEqual([...Array.from({ length: 30 }, (_, index) => `message ${index}`), 'live', 'mine'])
  } finally {
    await running.close()
    Reflect.deleteProperty(globalThis, name)
  }
})
