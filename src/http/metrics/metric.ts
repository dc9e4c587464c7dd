import type { Labelled } from '../../instruments/by-words.ts'
import type { Histogram } from '../../instruments/histogram.ts'

/** One value, as prom-client writes it. A histogram has several, under names of their own. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** One metric of one process, as prom-client writes it as JSON. */
export interface ProcessMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How those of several processes become one. */
  readonly aggregator: Aggregator
  readonly values: readonly Sample[]
}

export type Aggregator = 'sum' | 'min' | 'max'

/** A metric that reads the parts' own counts when it is asked, so that counting costs them an addition at most. */
export interface Metric {
  readonly name: string
  readonly help: string
  /** The words that each label may be. */
  readonly labels: Readonly<Record<string, readonly string[]>>
  get(): Promise<ProcessMetric>
}

interface Description {
  readonly name: string
  /** A sentence, which says the unit where the name does not. */
  readonly help: string
}

/** With `by`, one value for each word of the label; otherwise one. Undefined is a value that is not known now, and is left out. */
interface Read extends Description {
  readonly by?: Readonly<Record<string, readonly string[]>>
  readonly merge?: Aggregator
  read(): Value | Promise<Value>
}

type Value = number | undefined | Iterable<Labelled<number | { readonly value: number }>>

const metric =
  (type: 'counter' | 'gauge') =>
  ({ name, help, by = {}, merge = 'sum', read }: Read): Metric => ({
    name,
    help,
    labels: by,
    get: async () => {
      const value = await read()
      const found = value === undefined ? [] : typeof value === 'number' ? [{ labels: {}, item: value }] : value
      const values = Array.from(found, ({ labels, item }) => ({
        labels,
        value: typeof item === 'number' ? item : item.value,
      }))
      return { name, help, type, aggregator: merge, values }
    },
  })

/** What may rise and fall. */
export const gauge = metric('gauge')

/** What only grows. Its name ends with `_total`. */
export const counter = metric('counter')

interface ReadTimes extends Description {
  readonly by?: Readonly<Record<string, readonly string[]>>
  read(): Histogram | Iterable<Labelled<Histogram>>
}

export function histogram({ name, help, by = {}, read }: ReadTimes): Metric {
  return {
    name,
    help,
    labels: by,
    get: async () => {
      const found = read()
      const items = Symbol.iterator in found ? found : [{ labels: {}, item: found }]
      const values = Array.from(items, ({ labels, item }) => samplesOf(name, labels, item)).flat()
      return { name, help, type: 'histogram', aggregator: 'sum', values }
    },
  }
}

function samplesOf(name: string, labels: Labelled<unknown>['labels'], { bounds, counts, sum }: Histogram): Sample[] {
  let upTo = 0
  const buckets = Array.from(counts, (count, at) => {
    upTo += count
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[at] ?? '+Inf' }, value: upTo }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: upTo },
  ]
}

/** One value for each word of a label. */
export const byWord = <Word extends string>(
  label: string,
  values: Readonly<Record<Word, number>>,
): Labelled<number>[] => Object.entries<number>(values).map(([word, item]) => ({ labels: { [label]: word }, item }))
