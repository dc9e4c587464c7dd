import type { Actor } from '../../model/actor.ts'
import {
  readProcesses,
  readProcessMinutes,
  silentSeconds,
  type ProcessMinute,
  type SeenProcess,
} from '../../store/process.ts'
import { requireOperator } from '../access/authority.ts'
import type { App } from '../app.ts'

const minute = 60_000
const hour = 60 * minute

/** For how long minutes are kept: a day, and an hour to compare. */
export const historyHours = 25

/** Of a process that is gone, and of which nobody knows better, so many are shown. */
const maxProcesses = 100

/** The minutes of a process that an answer has at most. */
export const maxMinutes = historyHours * 60

export type ProcessState = 'running' | 'stopped' | 'silent'

/** A process as operators see it. */
export interface OperatedProcess extends Omit<SeenProcess, 'seenAt'> {
  readonly seenAt: Date
  readonly state: ProcessState
  /** Whether it is this process. */
  readonly isAnswering: boolean
  /** What it did since a time, oldest minute first. Those of all processes of a list are read together. */
  history(since: Date | null | undefined): Promise<readonly ProcessMinute[]>
}

/**
 * The processes that were there within the last hour, those first that were seen last; the one that answers is always among them.
 * Needs the backend of the server's own account. Throws FORBIDDEN.
 */
export async function listProcesses(app: App, actor: Actor): Promise<OperatedProcess[]> {
  requireOperator(app, actor)
  const now = app.clock.now()
  const seen = await readProcesses(app.db, new Date(now - hour), maxProcesses)
  const { process } = app
  // It writes its first row when it begins to listen.
  if (!seen.some(({ id }) => id === process.id)) {
    seen.unshift({ ...process, seenAt: new Date(now), stoppedAt: null, latest: null })
  }
  const history = new SharedHistory(
    app,
    seen.map(({ id }) => id),
  )
  return seen.map((row) => ({
    ...row,
    isAnswering: row.id === process.id,
    state:
      row.id === process.id
        ? 'running'
        : stateOf(row, Math.min(now - row.seenAt.getTime(), app.deployment.pulse.sinceBack)),
    history: (since) => history.read(row.id, since),
  }))
}

/** `silence` is for how long it could have written and did not, in milliseconds. */
function stateOf({ stoppedAt }: SeenProcess, silence: number): ProcessState {
  if (stoppedAt) return 'stopped'
  return silence > silentSeconds * 1000 ? 'silent' : 'running'
}

/** The minutes of all processes of a list, in one statement for each time that they are asked for since. */
class SharedHistory {
  readonly #app: App
  readonly #ids: readonly string[]
  readonly #bySince = new Map<number, Promise<ReadonlyMap<string, ProcessMinute[]>>>()

  constructor(app: App, ids: readonly string[]) {
    this.#app = app
    this.#ids = ids
  }

  async read(id: string, since: Date | null | undefined): Promise<readonly ProcessMinute[]> {
    const from = sinceOf(since, this.#app.clock.now())
    let reading = this.#bySince.get(from)
    if (!reading) this.#bySince.set(from, (reading = this.#readAll(from)))
    return (await reading).get(id) ?? []
  }

  async #readAll(from: number): Promise<ReadonlyMap<string, ProcessMinute[]>> {
    const limit = this.#ids.length * maxMinutes
    const rows = await readProcessMinutes(this.#app.db, this.#ids, new Date(from), limit)
    return Map.groupBy(rows, ({ processId }) => processId)
  }
}

/** Which minute a history begins with. */
function sinceOf(since: Date | null | undefined, now: number): number {
  const first = now - historyHours * hour
  const from = since?.getTime() ?? now - hour
  return Math.floor(Math.max(from, first) / minute) * minute
}
