import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFonechat, type Fonechat } from '../client/src/testing/index.ts'
import { systemCommand } from './support/system-command.ts'
import { waitFor } from './support/wait.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const textOf = (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8')

/** Milliseconds for one example; Java is compiled first. */
const timeout = 60_000

let fonechat: Fonechat
beforeAll(async () => {
  fonechat = await startFonechat({ server: root })
})
afterAll(() => fonechat.stop())

/** Runs an example on a channel of its own. */
async function run(command: string, args: readonly string[], variables: Readonly<Record<string, string>>) {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, CHAT_URL: fonechat.url, ...variables }
  return promisify(execFile)(command, args, { cwd: root, timeout, env })
}

async function createChannel(uniqueName: string): Promise<void> {
  await fonechat.backend(
    'mutation ($name: String) { createChannel(input: { uniqueName: $name }) { channel { id } } }',
    {
      name: uniqueName,
    },
  )
}

interface Content {
  readonly channel: {
    readonly messages: { readonly nodes: readonly { body: string; authorIdentity: string }[] }
    readonly members: { readonly nodes: readonly { identity: string }[] }
  }
}

/** The texts of its messages, and its members. */
async function contentOf(id: string) {
  const { channel } = await fonechat.backend<Content>(
    'query ($id: ID!) { channel(id: $id) { messages(last: 10) { nodes { body } } members(first: 10) { nodes { identity } } } }',
    { id },
  )
  return {
    bodies: channel.messages.nodes.map(({ body }) => body),
    members: channel.members.nodes.map(({ identity }) => identity),
  }
}

const backends = [
  { file: 'javascript/backend.js', commands: [process.execPath], systemPackage: 'nodejs' },
  { file: 'python/backend.py', commands: ['python3'], systemPackage: 'python3' },
  { file: 'curl/backend.sh', commands: ['sh'], systemPackage: 'dash' },
]

/** By a command of their own: not every machine has them. */
const others = [
  { file: 'php/backend.php', commands: ['php'], systemPackage: 'php-cli' },
  { file: 'ruby/backend.rb', commands: ['ruby'], systemPackage: 'ruby' },
  { file: 'java/Backend.java', commands: ['java'], systemPackage: 'default-jdk-headless' },
]

const tried = process.env['SNIPPETS'] === 'all' ? [...backends, ...others] : backends

test.each(tried)(
  'examples/$file adds a member and sends a message',
  async ({ file, commands, systemPackage }) => {
    if (file.startsWith('curl')) systemCommand(['curl'], 'curl')
    const channel = file.replaceAll(/\W/g, '-')
    await createChannel(channel)
    const { accountId: SID, authToken: TOKEN, serviceId: SERVICE } = fonechat
    const command = commands[0] === process.execPath ? process.execPath : systemCommand(commands, systemPackage)
    const { stdout } = await run(command, [`examples/${file}`], { SID, TOKEN, SERVICE, CHANNEL: channel })
    expect(stdout).toMatch(/kwhinnery[^]*MESSAGE/)
    expect(await contentOf(channel)).toEqual({ bodies: ['MESSAGE'], members: ['kwhinnery'] })
  },
  timeout + 20_000,
)

test(
  'examples/javascript/chat.js sends, hears of it, reads the history and types',
  async () => {
    await createChannel('chat')
    await fonechat.backend(
      'mutation { addMember(input: { channelId: "chat", identity: "kwhinnery" }) { member { id } } ' +
        'sendMessage(input: { channelId: "chat", body: "Welcome" }) { cursor } }',
    )
    const args = ['--conditions=@fonechat/source', 'examples/javascript/chat.js']
    const { stdout } = await run(process.execPath, args, {
      TOKEN: await fonechat.token('kwhinnery'),
      CHANNEL: 'chat',
    })
    expect(stdout).toContain('kwhinnery said: Draw the owl!')
    expect(stdout).toContain('Message: Draw the owl!')
    await waitFor(async () => (await contentOf('chat')).bodies.join() === 'Welcome,Draw the owl!')
  },
  timeout + 20_000,
)

interface Answers {
  readonly channel: {
    readonly messages: {
      readonly nodes: readonly { body: string; streamState: string | null; authorIdentity: string }[]
    }
  }
}

test(
  'examples/javascript/bot.js answers by a text that streams, and may be started again',
  async () => {
    await createChannel('bots')
    const { accountId: SID, authToken: TOKEN } = fonechat
    const ask = (body: string) =>
      fonechat.backend(
        'mutation ($body: String!) { sendMessage(input: { channelId: "bots", body: $body }) { cursor } }',
        {
          body,
        },
      )
    const answers = async () => {
      const { channel } = await fonechat.backend<Answers>(
        '{ channel(id: "bots") { messages(last: 10) { nodes { body streamState authorIdentity } } } }',
      )
      return channel.messages.nodes.filter(({ authorIdentity }) => authorIdentity === 'echo')
    }
    for (const question of ['Echo, hello!', 'Echo, again!']) {
      const args = ['--conditions=@fonechat/source', 'examples/javascript/bot.js']
      const { PATH, HOME } = process.env
      const env = { PATH, HOME, CHAT_URL: fonechat.url, SID, TOKEN, CHANNEL: 'bots' }
      const bot = spawn(process.execPath, args, { cwd: root, timeout, env, stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      bot.stdout.on('data', (text) => (said += String(text)))
      await waitFor(() => /^live$/m.test(said), { timeout })
      await ask(question)
      await waitFor(async () => (await answers()).at(-1)?.streamState === 'COMPLETED', { timeout })
      await waitFor(() => said.includes('answered system: You said'), { timeout })
      expect((await answers()).at(-1)!.body).toBe(
        `You said: ${question.slice(6)} And I say it word by word, as it comes to me. 🦉`,
      )
      bot.kill()
      await once(bot, 'exit')
    }
    expect(await answers()).toHaveLength(2)
  },
  timeout + 20_000,
)

/** The lines of a region, without their common indentation. */
function regionOf(text: string, name: string): string {
  const lines = text.split('\n')
  const from = lines.findIndex(
    (line) => line.trim().replace(/^(\/\/|#) ?#?region /, '') === name && line.includes('region'),
  )
  const to = lines.findIndex((line, at) => at > from && /^\s*(\/\/|#) ?#?endregion$/.test(line))
  const region = lines.slice(from + 1, to)
  const indentation = Math.min(...region.filter((line) => line !== '').map((line) => line.search(/\S/)))
  return region.map((line) => line.slice(indentation)).join('\n')
}

test('the page of snippets quotes the examples as they are', async () => {
  const page = await textOf('docs/snippets.md')
  const quoted: string[] = []
  for (const section of page.split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf('\n')).toLowerCase()
    for (const [, path, block] of section.matchAll(/\]\(\.\.\/(examples\/[^)]+)\):\n\n```\w+\n([^]*?)\n```/g)) {
      const text = await textOf(path!)
      expect([path, block]).toEqual([path, text.includes('region ') ? regionOf(text, title) : text.trimEnd()])
      quoted.push(path!)
    }
  }
  expect(quoted).toHaveLength(4 + 6 + 6 + 3)
})
