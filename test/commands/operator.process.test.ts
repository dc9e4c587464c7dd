import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { beginProgram } from '../support/program.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'

vi.setConfig({ testTimeout: 300_000 })

test('commands ask the server that has the embedded engine, and the folder itself once it has stopped', async () => {
  await using scratch = await makeScratch()
  const DATA_DIR = join(scratch.path, 'data')
  const server = await spawnServer({ DATA_DIR })
  await using _ = server
  const { url } = await server.ready()
  const PORT = new URL(url).port
  const run = (...words: string[]) => beginProgram(words, { DATA_DIR, PORT }).ended

  const token = (await run('token', 'carol')).stdout.trim()
  const query = JSON.stringify({ query: '{ viewer { user { identity } } }' })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: query })
  expect(await answer.json()).toEqual({ data: { viewer: { user: { identity: 'carol' } } } })
  expect(await run('token', 'carol', '--ttl', '5s')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--ttl takes a whole number of seconds\nusage: fonechat token <identity>'),
  })
  expect(await run('token', 'carol', '--service', 'IS0')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^fonechat token has failed: the service was not found\n$/),
  })
  const made = JSON.parse((await run('keys', 'create', '--name', 'x', '--json')).stdout) as { sid: string }
  const found = await run('doctor', '--json')
  expect(JSON.parse(found.stdout)).toMatchObject({ database: { schema: expect.any(Number) }, findings: [] })
  expect(found.code).toBe(0)
  expect(await run('check')).toMatchObject({ code: 0, stdout: expect.stringContaining('notice  server.running') })

  server.kill('SIGTERM')
  expect(await server.exited()).toBe(0)
  const listed = await run('keys', 'list')
  expect(listed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(`^${made.sid}  made .*  last used never  x\n$`),
  })
  expect(JSON.parse((await run('doctor', '--json')).stdout)).toMatchObject({ findings: [] })

  // A key that was made anew would only hide that the right one is missing.
  const key = join(DATA_DIR, 'secret-key')
  await rename(key, `${key}.away`)
  const missing = /SECRET_KEY: \S+ has a database and no file secret-key; copy it/
  expect(await run('token', 'carol')).toMatchObject({ code: 1, stderr: expect.stringMatching(missing) })
  expect(existsSync(key)).toBe(false)
  expect(await run('check')).toMatchObject({ code: 3, stdout: expect.stringContaining('error  secret-key.missing') })
  await rename(`${key}.away`, key)
  await writeFile(join(DATA_DIR, 'pgdata.moved'), 'host:5432/fonechat\n')
  expect(await run('check')).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^error {2}data\.refused\n {2}DATA_DIR: \S+ was moved to the Postgres at host:5432/m),
  })
})

test('a doctor that finds something ends with 3', async () => {
  await using scratch = await makeScratch()
  const { code, stdout } = await beginProgram(['check', '--json'], { DATA_DIR: scratch.path, PORT: 'x' }).ended
  expect(JSON.parse(stdout)).toMatchObject({
    findings: [{ code: 'setting.wrong', severity: 'error', subject: 'PORT' }],
  })
  expect(code).toBe(3)
  expect(await beginProgram(['doctor'], { DATA_DIR: scratch.path }).ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^fonechat doctor has failed: DATA_DIR: the database in \S+ is empty/),
  })
})
