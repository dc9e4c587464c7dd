import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CreateApiKeyDocument } from '../../schema/generated/graphql.ts'
import { freePort } from '../support/free-port.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { alertsFile, expressionsOf, readAlerts, readDashboard, readFileOf } from '../support/monitoring.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { findCommand } from '../support/system-command.ts'
import { waitFor } from '../support/wait.ts'

/** Debian’s package is too large to be installed for this. */
const prometheus = findCommand(['prometheus'])

interface Answer<Data> {
  readonly status: string
  readonly data: Data
}

describe.skipIf(prometheus === undefined)('a Prometheus with the settings of the page', () => {
  let kit: Kit
  let scratch: Scratch
  let server: ChildProcess
  let url: string
  let said = ''

  async function ask<Data>(path: string, parameters: Record<string, string> = {}): Promise<Data> {
    const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { status, data } = (await answer.json()) as Answer<Data>
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${status}`)
    return data
  }
  const query = async (expression: string) =>
    (await ask<{ result: { value: [number, string] }[] }>('query', { query: expression })).result.map(({ value }) =>
      Number(value[1]),
    )

  beforeAll(async () => {
    kit = await openKit()
    scratch = await makeScratch()
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const { createApiKey: key } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
    const [, shown = ''] = /^```yaml\n(scrape_configs:.*?)^```$/ms.exec(readFileOf('docs/monitoring.md')) ?? []
    await writeFile(join(scratch.path, 'secret'), key.secret)
    const settings = shown
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
      .replace('SK…', key.apiKey.id)
      .replace('/etc/prometheus/fonechat-secret', join(scratch.path, 'secret'))
      .replace(/targets: .*/, `targets: ['127.0.0.1:${kit.server.port}']`)
      .replace('/etc/prometheus/fonechat-alerts.yml', fileURLToPath(new URL(`../../${alertsFile}`, import.meta.url)))
    await writeFile(join(scratch.path, 'prometheus.yml'), settings)
    server = spawn(
      prometheus!,
      [
        `--config.file=${join(scratch.path, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(scratch.path, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    server.stderr!.on('data', (part: Buffer) => (said += part.toString()))
    await waitFor(async () => (await query('up{job="fonechat"}'))[0] === 1, { timeout: 30_000 }).catch(
      (error: unknown) => {
        throw new Error(said, { cause: error })
      },
    )
  })
  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill()
      await once(server, 'exit')
    }
    await kit?.close()
    await scratch?.[Symbol.asyncDispose]()
  })

  test('reads the metrics by an API key from a file', async () => {
    expect(await query('fonechat_build_info')).toEqual([1])
    expect(await query('fonechat_processes_ready{job="fonechat"}')).toEqual([1])
  })

  test('has every alert, and none fires', async () => {
    const { groups } = await ask<{ groups: { rules: { type: string; name: string; health: string }[] }[] }>('rules')
    const rules = groups.flatMap((group) => group.rules)
    const alerting = rules.filter(({ type }) => type === 'alerting').map(({ name }) => name)
    expect(alerting.toSorted()).toEqual(
      readAlerts()
        .map(({ name }) => name)
        .toSorted(),
    )
    expect(await query('ALERTS{alertstate="firing"}')).toEqual([])
  })

  test('understands every expression of the dashboard', async () => {
    const filled = expressionsOf(readDashboard()).map((expression) =>
      expression.replaceAll('$__rate_interval', '1m').replaceAll('$job', 'fonechat').replaceAll('$instance', '.*'),
    )
    for (const expression of filled) await query(expression)
    const gauges = filled.filter((expression) => !/rate\(|increase\(|histogram_quantile|changes\(/.test(expression))
    const empty: string[] = []
    for (const expression of gauges) if ((await query(expression)).length === 0) empty.push(expression)
    expect(empty).toEqual([])
  })
})
