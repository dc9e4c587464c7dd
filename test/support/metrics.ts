import { waitFor } from './wait.ts'

/** The page of a server’s metrics. */
export async function readMetrics(url: string, authorization: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization, connection: 'close' } })
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`)
  return answer.text()
}

/** Values by name and labels, as they are written. */
export function samplesOf(page: string): Readonly<Record<string, number>> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => line.split(/ (?=\S+$)/)).map(([name, value]) => [name, Number(value)]))
}

export interface DescribedMetric {
  readonly name: string
  readonly type: string
  readonly help: string
}

/** What a page says of each of its metrics. */
export function describedIn(page: string): DescribedMetric[] {
  return Array.from(page.matchAll(/^# HELP (\S+) (.*)\n# TYPE \1 (\S+)$/gm), ([, name, help, type]) => ({
    name: name!,
    type: type!,
    help: help!,
  }))
}

/** What metrics count from now on. */
export class MetricsReader {
  readonly #server: { readonly url: string }
  readonly #authorization: string
  #before: Readonly<Record<string, number>> = {}

  constructor(server: { readonly url: string }, authorization: string) {
    this.#server = server
    this.#authorization = authorization
  }

  async read(): Promise<Readonly<Record<string, number>>> {
    return samplesOf(await readMetrics(this.#server.url, this.#authorization))
  }

  async begin(): Promise<void> {
    this.#before = await this.read()
  }

  async since(name: string): Promise<number> {
    return ((await this.read())[name] ?? 0) - (this.#before[name] ?? 0)
  }

  /** Waits until a metric has this value, by what it was at the beginning. */
  async sinceIs(name: string, value: number): Promise<void> {
    await waitFor(async () => (await this.since(name)) === value)
  }
}
