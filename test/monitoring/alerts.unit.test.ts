import { expect, test } from 'vitest'
import {
  alertsFile,
  expressionsOf,
  readAlerts,
  readDashboard,
  readDocumented,
  readFileOf,
  selectorsIn,
} from '../support/monitoring.ts'

const alerts = readAlerts()
const names = alerts.map(({ name }) => name)
const documented = readDocumented()

/** What is selected that no server gives: metrics, and words of their labels. */
function unknownIn(expressions: readonly string[]): string[] {
  return expressions.flatMap(selectorsIn).flatMap(({ name, words }) => {
    const row = documented.get(name) ?? documented.get(name.replace(/_(?:bucket|sum|count)$/, ''))
    if (!row) return [name]
    return words
      .filter(([label, word]) => {
        const known = row.labels[label]
        return !known || (known.length > 0 && !known.includes(word))
      })
      .map(([label, word]) => `${name}{${label}="${word}"}`)
  })
}

test('each alert has a section of the runbook, which it names, and each section an alert', () => {
  expect(names.length).toBeGreaterThan(30)
  const runbook = readFileOf('docs/runbook.md')
  const sections = runbook.split(/^### /m).slice(1)
  expect(sections.map((section) => section.split('\n', 1)[0])).toEqual(names)
  for (const section of sections) expect(section).toMatch(/\*\*Seen\*\*.*\*\*Means\*\*.*\*\*Look at\*\*.*\*\*Do\*\*/s)
  for (const { name, text } of alerts) {
    expect(text).toContain(`runbook_url: docs/runbook.md#${name.toLowerCase()}\n`)
    expect(text).toMatch(/^ {10}severity: (critical|warning|info)$/m)
    expect(text).toMatch(/^ {10}summary: '.*\.'$/m)
  }
})

test('each alert is seen to fire by a test of promtool, after it was silent', () => {
  const tests = readFileOf('deploy/prometheus/alerts.test.yml').split(/^ {2}- name: /m)
  for (const name of names) {
    const own = tests.find((text) => text.startsWith(`${name}\n`)) ?? ''
    expect({ name, times: own.match(/eval_time: /g)?.length, samples: own.match(/exp_samples:/g)?.length }).toEqual({
      name,
      times: 2,
      samples: 1,
    })
    expect(own).toContain(`alertname="${name}"`)
  }
})

test('alerts and rules select metrics and labels that a server has', () => {
  const text = readFileOf(alertsFile)
  expect(selectorsIn(text).length).toBeGreaterThan(40)
  expect(unknownIn([text.replace(/^.*(?:#|runbook_url|alert|record|name|groups).*$/gm, '')])).toEqual([])
})

test('the dashboard shows every metric of a server, and none that it has not', () => {
  const expressions = expressionsOf(readDashboard())
  expect(unknownIn(expressions)).toEqual([])
  const shown = new Set(expressions.flatMap(selectorsIn).map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, '')))
  const own = [...documented.keys()].filter((name) => name.startsWith('fonechat_'))
  expect(own.filter((name) => !shown.has(name))).toEqual([])
})

test('the panels of the dashboard have places of their own, and rows for each part', () => {
  const { panels } = readDashboard()
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title)
  expect(rows).toEqual(['Overview', 'Realtime', 'Operations', 'Database', 'Bus', 'Webhooks', 'Processes'])
  const taken = new Set<string>()
  const misplaced = panels.filter(({ gridPos }) => {
    let isFree = gridPos.x + gridPos.w <= 24
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        if (taken.has(`${x} ${y}`)) isFree = false
        taken.add(`${x} ${y}`)
      }
    }
    return !isFree
  })
  expect(misplaced).toEqual([])
})
