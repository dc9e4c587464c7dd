import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { makeScratch } from './support/scratch.ts'
import { spawnServer } from './support/server-binary.ts'
import { systemCommand } from './support/system-command.ts'
import { waitFor } from './support/wait.ts'

/** The commands of a section, as they stand there. */
async function commandsOf(section: string): Promise<string[]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const found = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? ''
  return [...found.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands!)
}

test('the first chat of the README works with what a first start prints, pasted as it is', async () => {
  systemCommand(['curl'], 'curl')
  await using scratch = await makeScratch()
  await using server = await spawnServer({ DATA_DIR: `${scratch.path}/data` })
  const { url } = await server.ready()
  const pasted = server
    .output()
    .split('\n')
    .find((line) => line.startsWith('export '))!
  const shell = (commands: string) =>
    spawn('sh', ['-c', `${pasted}\n${commands.replaceAll('http://127.0.0.1:4000', url)}`], {
      cwd: scratch.path,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
    })
  const run = async (commands: string): Promise<unknown[]> => {
    const printed = await text(shell(commands).stdout)
    return printed.split(/(?<=\})\s*(?=\{"data)/).map((answer) => JSON.parse(answer) as unknown)
  }

  const commands = await commandsOf('First chat')
  expect(commands).toHaveLength(3)
  const [sendAndRead, watch, makeToken] = commands
  expect(await run(sendAndRead!)).toMatchObject([
    { data: { sendMessage: { message: { index: 42, body: 'Draw the owl!' } } } },
    { data: { channel: { messages: { edges: { length: 25, 24: { node: { index: 42, body: 'Draw the owl!' } } } } } } },
  ])

  const watching = shell(watch!)
  const ended = once(watching, 'exit')
  let seen = ''
  watching.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk))
  try {
    await waitFor(async () => {
      if (!seen.includes('Draw the owl!')) await run(sendAndRead!)
      return seen.split('{"data":{"messageAdded":{"index":').length > 2
    })
    // Not the history before it, and what was sent as her next.
    expect(seen.match(/"messageAdded":\{"index":\d+/g)!.slice(0, 2)).toEqual([
      '"messageAdded":{"index":42',
      '"messageAdded":{"index":43',
    ])
  } finally {
    process.kill(-watching.pid!, 'SIGKILL')
    await ended
  }

  const [made] = (await run(makeToken!)) as [{ data: { createAccessToken: { token: string } } }]
  expect(made.data.createAccessToken.token.split('.')).toHaveLength(3)
}, 120_000)
