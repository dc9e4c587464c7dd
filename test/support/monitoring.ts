import { readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')

interface Target {
  readonly expr: string
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly targets?: readonly Target[]
}

export interface Dashboard {
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly target?: Target }[] }
}

export const readDashboard = (): Dashboard => JSON.parse(read('deploy/grafana/fonechat.json')) as Dashboard

/** Every expression of the dashboard. */
export const expressionsOf = ({ panels, annotations }: Dashboard): string[] =>
  [...panels.flatMap(({ targets = [] }) => targets), ...annotations.list.flatMap(({ target }) => target ?? [])].map(
    ({ expr }) => expr,
  )

export interface Alert {
  readonly name: string
  readonly text: string
}

export const alertsFile = 'deploy/prometheus/alerts.yml'

/** Each alert with its lines. */
export const readAlerts = (): Alert[] =>
  read(alertsFile)
    .split(/^ {6}- (?=alert: |record: )|^ {2}- name: /m)
    .flatMap((text) => {
      const [, name] = /^alert: (\w+)$/m.exec(text) ?? []
      return name === undefined ? [] : [{ name, text }]
    })

interface Selector {
  readonly name: string
  /** The words by which it selects, of labels that the server gives. */
  readonly words: readonly (readonly [label: string, word: string])[]
}

/** The series that an expression reads, without those that rules record. */
export function selectorsIn(expression: string): Selector[] {
  const found = expression.matchAll(/(?<![\w:])((?:fonechat|nodejs|process)_\w+)(?![\w:(])(?:\{([^}]*)\})?/g)
  return Array.from(found, ([, name, matchers = '']) => ({
    name: name!,
    words: Array.from(matchers.matchAll(/(\w+)(?:=|!=|=~|!~)"([^"]*)"/g)).flatMap(([, label, text]) =>
      /^(job|instance|le)$/.test(label!) ? [] : text!.split('|').map((word) => [label!, word] as const),
    ),
  }))
}

interface Row {
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

/** The rows of docs/metrics.md by the names of their metrics. */
export const readDocumented = (): ReadonlyMap<string, Row> =>
  new Map(
    Array.from(
      read('docs/metrics.md').matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) \| (.*) \|$/gm),
      ([, name, type, labels, help]) => [name!, { type: type!, labels: labelsIn(labels!), help: help! }],
    ),
  )

export const readFileOf = read
