import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findCommand } from '../support/system-command.ts'

/** Part of Debian’s package `prometheus`, which is too large to be installed for two specs. */
const promtool = findCommand(['promtool'])
const folder = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url))

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(promtool!, args, { cwd: folder, encoding: 'utf8', timeout: 15_000 })
  return { status, said: stdout + stderr }
}

test.skipIf(promtool === undefined)('promtool takes the rules', () => {
  expect(run('check', 'rules', 'alerts.yml')).toMatchObject({ status: 0 })
})

test.skipIf(promtool === undefined)(
  'every alert is silent first and fires later, and a server that is well has none',
  () => {
    const { status, said } = run('test', 'rules', 'alerts.test.yml')
    expect(said).toMatch(/SUCCESS/)
    expect(status).toBe(0)
  },
)
