import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseCluster } from './cluster.ts'
import { Observation, type FailoverTrial, type Observed } from './observation.ts'

export interface Stage {
  readonly name: string
  /** How the processes find the database. */
  readonly way: 'HAProxy' | 'hosts'
  /** Breaks something, waits until it is mended, and answers what was measured meanwhile. */
  run(cluster: DatabaseCluster, trial: FailoverTrial): Promise<Observed>
}

/** Lets everything flow for a while with what has come back. */
async function settle(cluster: DatabaseCluster): Promise<void> {
  await cluster.waitUntilWhole()
  await delay(1000)
}

const killed: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const observation = new Observation(trial)
  await primary.machine.kill()
  const observed = await observation.end(await cluster.waitForWrites(cluster.nodes))
  await primary.start()
  await settle(cluster)
  return observed
}

const switchedOver: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const observation = new Observation(trial)
  const switched = cluster.switchOver()
  const others = cluster.nodes.filter((node) => node !== primary)
  const observed = await observation.end(await cluster.waitForWrites(others))
  await switched
  await settle(cluster)
  return observed
}

export const stages: readonly Stage[] = [
  { name: 'promotion by hand', way: 'HAProxy', run: switchedOver },
  { name: 'primary killed', way: 'HAProxy', run: killed },
  { name: 'promotion by hand', way: 'hosts', run: switchedOver },
  { name: 'primary killed', way: 'hosts', run: killed },
]
