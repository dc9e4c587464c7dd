import { hostname } from 'node:os'
import { v7 } from 'uuid'
import packageJson from '../../package.json' with { type: 'json' }

/** What other processes and operators know this one by. */
export interface ThisProcess {
  /** A UUID, new with each start. */
  readonly id: string
  /** The name of the machine or the container. */
  readonly host: string
  /** Its number there. */
  readonly pid: number
  /** Which of the workers of its machine it is, from 1; null where it is alone. */
  readonly worker: number | null
  readonly version: string
  readonly startedAt: Date
}

export function describeThisProcess(worker: number | null): ThisProcess {
  return {
    id: v7(),
    host: hostname(),
    pid: process.pid,
    worker,
    version: packageJson.version,
    startedAt: new Date(Date.now() - process.uptime() * 1000),
  }
}
