import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit } from './support/kit.ts'
import { systemCommand } from './support/system-command.ts'

/** What the pages have a reader run and send. */
const pages = [
  'README.md',
  'docs/rest.md',
  'docs/settings.md',
  'docs/monitoring.md',
  'docs/cli.md',
  'docs/backup.md',
  'docs/container.md',
  'docs/failover.md',
  'docs/install.md',
  'docs/kubernetes.md',
  'docs/limits.md',
  'docs/move.md',
  'docs/security.md',
  'docs/systemd.md',
  'docs/upgrade.md',
  'docs/search.md',
  'WEBHOOKS.md',
  'PROMISES.md',
  'ARCHITECTURE.md',
]
const textOf = (page: string): string => readFileSync(new URL(`../${page}`, import.meta.url), 'utf8')

/** The blocks of code in one language. */
const blocksOf = (page: string, language: string): string[] =>
  [...textOf(page).matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, block]) =>
    name === language ? [block!] : [],
  )

const run = promisify(execFile)

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('every body that a command of the pages sends is JSON, and every command one that the shell can read', () => {
  const bodies = pages.flatMap((page) =>
    blocksOf(page, 'sh').flatMap((block) => {
      expect(spawnSync('bash', ['-n', '-c', block], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
      return [...block.matchAll(/-d '([^']*)'/g)].map(([, body]) => body!)
    }),
  )
  expect(bodies.length).toBeGreaterThanOrEqual(5)
  for (const body of bodies) expect(JSON.parse(body)).toMatchObject({ query: expect.any(String) as string })
})

test('every JSON of the pages is JSON', () => {
  for (const json of pages.flatMap((page) => blocksOf(page, 'json'))) {
    expect(JSON.parse(json)).toEqual(expect.any(Object))
  }
})

test('the first command of WEBHOOKS.md sets webhooks and answers their secret', async () => {
  const [command = ''] = blocksOf('WEBHOOKS.md', 'sh')
  const { accountId, authToken, serviceId } = kit.server.account
  expect(command).toContain('http://127.0.0.1:4000/')
  expect(command).toContain('IS…')
  systemCommand(['curl'], 'curl')
  const here = command.replaceAll('http://127.0.0.1:4000', kit.server.url).replace('IS…', serviceId)
  const env = { ...process.env, SID: accountId, TOKEN: authToken }
  const { stdout, stderr } = await run('bash', ['-e', '-c', here], { env, timeout: 10_000 })
  expect(stderr).toBe('')
  const webhooks = { signingSecret: expect.stringMatching(/^whsec_/) as string }
  expect(JSON.parse(stdout)).toEqual({ data: { updateService: { service: { webhooks } } } })
  const stored = await kit.backend.request<object, object>('{ service { webhooks { preUrl postUrl filters } } }')
  const url = 'https://example.com/hook'
  const filters = ['ON_MESSAGE_SEND', 'ON_MESSAGE_SENT']
  expect(stored).toEqual({ service: { webhooks: { preUrl: url, postUrl: url, filters } } })
})

test('where a start makes no example, the README says how the first chat begins', async () => {
  systemCommand(['curl'], 'curl')
  const blocks = blocksOf('README.md', 'sh')
  const prepare = blocks.find((block) => block.startsWith('export ALICE=$(curl'))!
  const [sendAndRead, watch] = blocks.filter((block) => /-d '.*general|messageAdded/s.test(block) && block !== prepare)
  const { accountId, authToken } = kit.server.account
  const env = { ...process.env, SID: accountId, TOKEN: authToken }
  const asAlice = watch!
    .replace(/-N/, '')
    .replace('subscription { messageAdded { index body authorIdentity } }', '{ viewer { user { identity } } }')
  const commands = `${prepare}\n${sendAndRead}\n${asAlice.replace("-H 'accept: text/event-stream' ", '').replace('-sN', '-s')}`
  const { stdout } = await run('bash', ['-e', '-c', commands.replaceAll('http://127.0.0.1:4000', kit.server.url)], {
    env,
    timeout: 10_000,
  })
  const answers = stdout.split(/(?<=\})\s*(?=\{"data)/).map((answer) => JSON.parse(answer) as unknown)
  expect(answers).toMatchObject([
    { data: { sendMessage: { message: { index: 0, body: 'Draw the owl!' } } } },
    { data: { channel: { messages: { edges: [{ node: { body: 'Draw the owl!' } }] } } } },
    { data: { sendMessage: { message: { index: 1, body: 'Which owl?' } } } },
    { data: { viewer: { user: { identity: 'alice' } } } },
  ])
})
