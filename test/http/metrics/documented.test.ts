import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeLabels } from '../../../src/graphql/socket/close-codes.ts'
import { createResponseCounts } from '../../../src/http/http.ts'
import { ownMetrics } from '../../../src/http/metrics/own-metrics.ts'
import type { MetricSources } from '../../../src/http/metrics/sources.ts'
import { Counts } from '../../../src/instruments/by-words.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { describedIn, readMetrics, samplesOf } from '../../support/metrics.ts'
import { readDocumented } from '../../support/monitoring.ts'

let kit: Kit
let page: string
beforeAll(async () => {
  kit = await openKit()
  page = await readMetrics(kit.server.url, kit.backend.authorization)
})
afterAll(() => kit.close())

const documented = readDocumented()

/** Labels of Node’s own metrics are names of its kinds of handles, and its version. */
const isOwn = ({ name }: { readonly name: string }): boolean => name.startsWith('fonechat_')

test('the page has a row for each metric of a server, with its own words, and no other', () => {
  const byName = (one: { readonly name: string }, other: { readonly name: string }) => (one.name < other.name ? -1 : 1)
  const written = Array.from(documented, ([name, { type, help }]) => ({ name, type, help }))
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
  const own = described.map(({ name, help, labels }) => ({ name, help, labels }))
  expect(own.filter(({ help }) => !/^[A-Z][^.]*\.$/.test(help))).toEqual([])
  expect(own.filter(({ labels }) => Object.values(labels).some((words) => words.length > 25))).toEqual([])
  const isBounded = ({ name }: { readonly name: string }) => name !== 'fonechat_build_info'
  expect(own.map(({ name }) => ({ name, labels: documented.get(name)?.labels })).filter(isBounded)).toEqual(
    own.map(({ name, labels }) => ({ name, labels })).filter(isBounded),
  )
  expect(documented.get('fonechat_build_info')?.labels).toEqual({ version: [] })
  const isMisnamed = (name: string) => name.endsWith('_total') !== (documented.get(name)?.type === 'counter')
  expect(own.map(({ name }) => name).filter(isMisnamed)).toEqual([])
})

test('a server gives no label but those, and none of its words', () => {
  const labelled = Object.keys(samplesOf(page)).filter((key) => key.startsWith('fonechat_') && key.includes('{'))
  expect(labelled.length).toBeGreaterThan(30)
  const unknown = labelled.flatMap((key) => {
    const [, name, labels] = /^(\w+?)(?:_bucket|_sum|_count)?\{(.*)\}$/.exec(key)!
    const row = documented.get(name!)
    return Array.from(labels!.matchAll(/(\w+)="([^"]*)"/g))
      .filter(([, label, word]) => label !== 'le' && label !== 'version' && !row?.labels[label!]?.includes(word!))
      .map(([pair]) => `${name} ${pair}`)
  })
  expect(unknown).toEqual([])
})
