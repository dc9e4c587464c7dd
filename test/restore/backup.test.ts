import { once } from 'node:events'
import { mkdir, readdir, symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runProgram, sendAs, type Sent } from '../support/program.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer, type Greeting, type ServerBinary } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'

// Every test starts processes.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

// One server serves all, and is killed by the last.
const stack = new AsyncDisposableStack()
let folder: string
let DATA_DIR: string
let server: ServerBinary
let greeting: Greeting
beforeAll(async () => {
  folder = stack.use(await makeScratch()).path
  DATA_DIR = join(folder, 'data')
  server = stack.use(await spawnServer({ DATA_DIR }))
  greeting = await server.ready()
})
afterAll(() => stack.disposeAsync())

const send = (url: string, clientMessageId: string): Promise<Sent> => sendAs(url, greeting.aliceToken, clientMessageId)

test('`fonechat backup` says in one sentence what is wrong, and leaves nothing behind', async () => {
  await mkdir(join(folder, 'there'))
  await mkdir(join(folder, 'half.partial'))
  await symlink(DATA_DIR, join(folder, 'link'))
  await symlink(join(folder, 'nowhere'), join(folder, 'dangling'))
  const postgres = { DATABASE_URL: 'postgres://user:hidden@127.0.0.1:1/name', SECRET_KEY: 'ab'.repeat(32) }
  const wrong: [string, Record<string, string>, RegExp][] = [
    ['copy', postgres, /DATABASE_URL: a backup of Postgres is made with its own tools/],
    ['copy', { DATA_DIR: join(folder, 'there') }, /DATA_DIR: the database in \S+there is empty/],
    ['there', { DATA_DIR }, /\S+there exists already/],
    ['dangling', { DATA_DIR }, /\S+dangling exists already/],
    ['half', { DATA_DIR }, /\S+half\.partial exists: another backup is under way, or was killed/],
    [join('none', 'copy'), { DATA_DIR }, /\S+none is no folder \(ENOENT\)/],
    [join('data', 'pgdata', 'copy'), { DATA_DIR }, /\S+copy is within \S+data; a copy must be outside of it/],
    [join('link', 'copy'), { DATA_DIR }, /\S+copy is within \S+data; a copy must be outside of it/],
  ]
  const said = await Promise.all(wrong.map(([name, settings]) => runProgram(['backup', join(folder, name)], settings)))
  for (const [at, [, , sentence]] of wrong.entries()) {
    expect(said[at]).toMatch(new RegExp(`^1 fonechat backup has failed: ${sentence.source}.*\n$`))
  }
  expect(said.join('')).not.toContain('hidden')
  expect((await readdir(folder)).sort()).toEqual(['dangling', 'data', 'half.partial', 'link', 'there'])
  for (const word of ['--copy', ''])
    expect(await runProgram(['backup', word], { DATA_DIR })).toMatch(
      /^2 fonechat: backup .*\nusage: fonechat backup <folder>/,
    )
})

test('a backup that dies or hangs while the server stands still for it holds nobody up', async () => {
  for (const hangs of [false, true]) {
    const socket = connect(join(DATA_DIR, 'backup.sock'))
    const said: string[] = []
    socket.setEncoding('utf8').on('data', (text: string) => said.push(text))
    socket.write('hold\n')
    await waitFor(() => said.includes('held\n'))
    const pending = send(greeting.url, `while held ${hangs}`)
    if (!hangs) socket.destroy()
    expect((await pending).index).toBeGreaterThanOrEqual(0)
    // It is told that its copy is worth nothing.
    if (hangs) await waitFor(() => said.includes('late\n'))
    socket.destroy()
  }
})

test('a server that has too many backups at once to answer makes a copy fail with a sentence', async () => {
  const sockets = Array.from({ length: 4 }, () => connect(join(DATA_DIR, 'backup.sock')))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  expect(await runProgram(['backup', join(folder, 'fifth')], { DATA_DIR })).toMatch(
    /^1 fonechat backup has failed: no copy was made: the server did not answer\n$/,
  )
  for (const socket of sockets) socket.destroy()
  expect(await readdir(folder)).not.toContain('fifth.partial')
})

test('P1: of a killed server it copies what the next start would find', async () => {
  const sent = await send(greeting.url, 'the last')
  server.kill('SIGKILL')
  await server.exited()
  const copy = join(folder, 'of-killed')
  expect(await runProgram(['backup', copy], { DATA_DIR })).toMatch(/^\S+ is a copy of \S+, [1-9]\d*\.\d MB\. .*\n$/)
  await using restored = await spawnServer({ DATA_DIR: copy })
  const { url } = await restored.ready()
  expect(await send(url, 'the last')).toEqual(sent)
})
