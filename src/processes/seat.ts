import cluster from 'node:cluster'

/** What a worker is told at its start, in its environment. */
export interface Seat {
  /** From 1; a worker that replaces a dead one has its number. */
  readonly worker: number
  readonly count: number
  /** The folder of the link; undefined with Redis. */
  readonly directory: string | undefined
  readonly leads: boolean
}

/** The environment variable that has the seat. */
export const seatVariable = 'FONECHAT_WORKER'

/** What the primary has told this process at its start; undefined for one that is no worker. */
export function findSeat(): Seat | undefined {
  const text = process.env[seatVariable]
  return cluster.isWorker && text !== undefined ? (JSON.parse(text) as Seat) : undefined
}
