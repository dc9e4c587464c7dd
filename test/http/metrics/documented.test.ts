import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeLabels } from '../../../src/graphql/socket/close-codes.ts'
import { createResponseCounts } from '../../../src/http/http.ts'
import { ownMetrics } from '../../../src/http/metrics/own-metrics.ts'
import type { MetricSources } from '../../../src/http/metrics/sources.ts'
import { Counts } from '../../../src/instruments/by-words.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { describedIn, readMetrics, samplesOf } from '../../support/metrics.ts'

let kit: Kit
let page: string
beforeAll(async () => {
  kit = await openKit()
  page = await readMetrics(kit.server.url, kit.backend.authorization)
})
afterAll(() => kit.close())

const docs = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')

interface Row {
  readonly name: string
  readonly type: string
  readonly labels: Readonly<Record<string, readonly string[]>>
  readonly help: string
}

/** `kind`: `pre` `post`; `outcome`: … */
const labelsIn = (cell: string): Row['labels'] =>
  Object.fromEntries(
    cell
      .split(';')
      .filter((part) => part.trim() !== '')
      .map((part) => Array.from(part.matchAll(/`([^`]+)`/g), ([, word]) => word!))
      .map(([label, ...words]) => [label!, words]),
  )

const rows: readonly Row[] = Array.from(
  docs.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) \| (.*) \|$/gm),
  ([, name, type, labels, help]) => ({ name: name!, type: type!, labels: labelsIn(labels!), help: help! }),
)

/** Labels of Node’s own metrics are names of its kinds of handles, and its version. */
const isOwn = ({ name }: { readonly name: string }): boolean => name.startsWith('fonechat_')

test('the page has a row for each metric of a server, with its own words, and no other', () => {
  const byName = (one: { readonly name: string }, other: { readonly name: string }) => (one.name < other.name ? -1 : 1)
  const written = rows.map(({ name, type, help }) => ({ name, type, help }))
  const live = describedIn(page)
  expect(written.filter(isOwn).toSorted(byName)).toEqual(live.filter(isOwn).toSorted(byName))
  expect(written.map(({ name }) => name).toSorted()).toEqual(live.map(({ name }) => name).toSorted())
})

test('each metric has a sentence, and labels of few fixed words, which the page lists', () => {
  const { app } = kit.server
  const described = ownMetrics({
    app,
    responses: createResponseCounts(),
    webSockets: { figures: { closed: new Counts({ code: closeLabels }) } },
    background: { schema: {} },
  } as unknown as MetricSources)
  for (const { name, help, labels } of described) {
    expect(help, name).toMatch(/^[A-Z][^.]*\.$/)
    const counted = Object.values(labels).map((words) => words.length)
    expect(Math.max(0, ...counted), name).toBeLessThanOrEqual(25)
    const { labels: written = {}, type } = rows.find((row) => row.name === name) ?? {}
    if (name === 'fonechat_build_info') expect(Object.keys(written)).toEqual(['version'])
    else expect(written, name).toEqual(labels)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
  }
})

test('a server gives no label but those, and none of its words', () => {
  const labelled = Object.keys(samplesOf(page)).filter((key) => key.startsWith('fonechat_') && key.includes('{'))
  expect(labelled.length).toBeGreaterThan(30)
  const unknown = labelled.flatMap((key) => {
    const [, name, labels] = /^(\w+?)(?:_bucket|_sum|_count)?\{(.*)\}$/.exec(key)!
    const row = rows.find((one) => one.name === name)
    return Array.from(labels!.matchAll(/(\w+)="([^"]*)"/g))
      .filter(([, label, word]) => label !== 'le' && label !== 'version' && !row?.labels[label!]?.includes(word!))
      .map(([pair]) => `${name} ${pair}`)
  })
  expect(unknown).toEqual([])
})
