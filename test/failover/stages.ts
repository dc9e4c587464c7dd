import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseCluster, DatabaseNode } from './cluster.ts'
import { Observation, type FailoverTrial, type Observed } from './observation.ts'

export interface Stage {
  readonly name: string
  /** How the processes find the database. */
  readonly way: 'HAProxy' | 'hosts'
  /** The database is set to acknowledge what no standby has. */
  readonly isAsynchronous?: boolean
  /** Breaks something, waits until it is mended, and answers what was measured meanwhile. */
  run(cluster: DatabaseCluster, trial: FailoverTrial): Promise<Observed>
}

/** Lets everything flow for a while with what has come back. */
async function settle(cluster: DatabaseCluster, options?: { readonly isSynchronous: boolean }): Promise<void> {
  await cluster.waitUntilWhole(undefined, options)
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
  const observed = await observation.end(await cluster.waitForWrites(without(cluster, primary)))
  await switched
  await settle(cluster)
  return observed
}

/** Patroni is still there, and gives its place to another one at once. */
const crashed: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const observation = new Observation(trial)
  primary.machine.killCommand('/bin/postgres')
  const observed = await observation.end(await cluster.waitForWrites(cluster.nodes))
  await settle(cluster)
  return observed
}

const unplugged: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const observation = new Observation(trial)
  await primary.machine.unplug()
  const observed = await observation.end(await cluster.waitForWrites(without(cluster, primary)))
  await primary.machine.plug()
  await settle(cluster)
  return observed
}

const frozen: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const observation = new Observation(trial)
  await primary.machine.freeze()
  const observed = await observation.end(await cluster.waitForWrites(without(cluster, primary)))
  // It goes on where it stood, as the primary that it was.
  primary.machine.wake()
  await settle(cluster)
  return observed
}

/** Its Postgres goes on, and nobody takes it for the primary but who is connected to it. */
const unsupervised: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const observation = new Observation(trial)
  primary.machine.freezeCommand('/usr/bin/patroni')
  const observed = await observation.end(await cluster.waitForWrites(without(cluster, primary)))
  primary.machine.wake()
  await settle(cluster)
  return observed
}

const standbyKilled: Stage['run'] = async (cluster, trial) => {
  const [primary, standby] = await Promise.all([cluster.primary(), cluster.synchronousStandby()])
  const observation = new Observation(trial)
  await standby.machine.kill()
  const observed = await observation.end(await cluster.waitForWrites([primary]))
  await standby.start()
  await settle(cluster)
  return observed
}

/** For so long there is no standby, in milliseconds. */
const loneliness = 10_000

const bothStandbysGone: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const standbys = without(cluster, primary)
  const observation = new Observation(trial)
  await Promise.all(standbys.map(({ machine }) => machine.kill()))
  const from = performance.now()
  await delay(loneliness)
  const to = performance.now()
  for (const { acknowledged } of trial.workload.channels) {
    // What was asked for before may have been replicated before, and answered when a connection was free to read the rest.
    const wrong = acknowledged.filter(({ askedAt, at }) => askedAt > from && at < to)
    for (const { what } of wrong) trial.tally.accuse(`a ${what} was acknowledged that no standby has`)
  }
  await standbys[0]!.start()
  const observed = await observation.end(await cluster.waitForWrites([primary]))
  await standbys[1]!.start()
  await settle(cluster)
  return observed
}

const etcdGone: Stage['run'] = async (cluster, trial) => {
  const observation = new Observation(trial)
  await cluster.etcd.kill()
  await delay(60_000)
  await cluster.etcd.start()
  const observed = await observation.end(await cluster.waitForWrites(cluster.nodes))
  await settle(cluster)
  return observed
}

const withFailsafe: Stage['run'] = async (cluster, trial) => {
  await cluster.waitForFailsafe()
  return etcdGone(cluster, trial)
}

function without(cluster: DatabaseCluster, gone: DatabaseNode): DatabaseNode[] {
  return cluster.nodes.filter((node) => node !== gone)
}

/** The standbys are cut off first, so that there is something to lose. */
const killedAhead: Stage['run'] = async (cluster, trial) => {
  const primary = await cluster.primary()
  const standbys = without(cluster, primary)
  await Promise.all(standbys.map(({ machine }) => machine.unplug()))
  await delay(4000)
  const observation = new Observation(trial)
  await primary.machine.kill()
  await Promise.all(standbys.map(({ machine }) => machine.plug()))
  const observed = await observation.end(await cluster.waitForWrites(standbys))
  await primary.start()
  await settle(cluster, { isSynchronous: false })
  return observed
}

/** The same stage with other settings of the cluster than the page has. */
function configured(change: Readonly<Record<string, boolean | number>>, run: Stage['run']): Stage['run'] {
  return async (cluster, trial) => {
    await cluster.configure(change)
    try {
      await cluster.waitUntilWhole(undefined, { isSynchronous: change['synchronous_mode'] !== false })
      return await run(cluster, trial)
    } finally {
      // The page has no numbers of these: without one, Patroni's own counts again.
      const before = Object.entries(change).map(([name, value]) => [name, typeof value === 'number' ? null : true])
      await cluster.configure(Object.fromEntries(before))
    }
  }
}

export const stages: readonly Stage[] = [
  { name: 'promotion by hand', way: 'HAProxy', run: switchedOver },
  { name: 'Postgres killed', way: 'HAProxy', run: crashed },
  { name: 'machine of the primary killed', way: 'HAProxy', run: killed },
  { name: 'network of the primary dropped', way: 'HAProxy', run: unplugged },
  { name: 'primary frozen, and woken later', way: 'HAProxy', run: frozen },
  { name: 'Patroni of the primary frozen', way: 'HAProxy', run: unsupervised },
  { name: 'synchronous standby killed', way: 'HAProxy', run: standbyKilled },
  { name: 'both standbys gone for 10 s', way: 'HAProxy', run: bothStandbysGone },
  { name: 'etcd gone for a minute', way: 'HAProxy', run: withFailsafe },
  {
    name: 'etcd gone for a minute, without failsafe_mode',
    way: 'HAProxy',
    run: configured({ failsafe_mode: false }, etcdGone),
  },
  {
    name: 'machine of the primary killed, asynchronous',
    way: 'HAProxy',
    // Patroni promotes nobody who lacks more than a megabyte, which these seconds can write.
    run: configured({ synchronous_mode: false, maximum_lag_on_failover: 2 ** 30 }, killedAhead),
    isAsynchronous: true,
  },
  { name: 'promotion by hand', way: 'hosts', run: switchedOver },
  { name: 'machine of the primary killed', way: 'hosts', run: killed },
  { name: 'network of the primary dropped', way: 'hosts', run: unplugged },
  { name: 'primary frozen, and woken later', way: 'hosts', run: frozen },
  { name: 'Patroni of the primary frozen', way: 'hosts', run: unsupervised },
]
