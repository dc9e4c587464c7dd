import type { OverviewProcessesQuery } from '../../generated/types.ts'
import type { Column } from '../../kit/list.tsx'
import { State, type StateKind } from '../../kit/state.tsx'
import { When } from '../../kit/when.tsx'
import { overviewTexts } from '../../texts/en/overview.ts'
import { formatBytes, formatCount, formatMs, rateOf } from './figures.ts'
import { nameOf } from './minutes.ts'

const texts = overviewTexts.processes

export type Process = NonNullable<OverviewProcessesQuery['processes']>[number]
type Latest = NonNullable<Process['latest']>

/** A process that stopped has no figures any more. */
const figure =
  (words: (latest: Latest) => string | null) =>
  ({ latest, state }: Process) =>
    (latest && state !== 'STOPPED' && words(latest)) ?? '–'

const perSecond = (count: (latest: Latest) => number) =>
  figure((latest) => {
    const rate = rateOf(count(latest), latest.seconds)
    return rate === null ? null : formatCount(rate)
  })

export const figuresOf = {
  connections: figure(({ connections }) => formatCount(connections)),
  subscriptions: figure(({ subscriptions }) => formatCount(subscriptions)),
  sends: perSecond(({ sends }) => sends),
  deliveries: perSecond(({ deliveries }) => deliveries),
  latency: figure(({ deliveryP50Ms, deliveryP99Ms }) =>
    deliveryP50Ms === null || deliveryP99Ms === null
      ? null
      : texts.p50AndP99(formatMs(deliveryP50Ms), formatMs(deliveryP99Ms)),
  ),
  lag: figure(({ eventLoopLagP99Ms }) => `${formatMs(eventLoopLagP99Ms)} ms`),
  pool: figure(({ poolInUse, poolSize, poolWaiting }) =>
    [texts.inUse(poolInUse, poolSize), ...(poolWaiting > 0 ? [texts.waiting(poolWaiting)] : [])].join(', '),
  ),
  memory: figure(({ memoryBytes }) => formatBytes(memoryBytes)),
}

/** With what waits as a number: `10 of 10 +3`. */
const poolInShort = figure(({ poolInUse, poolSize, poolWaiting }) =>
  poolWaiting > 0 ? `${texts.inUse(poolInUse, poolSize)} +${poolWaiting}` : texts.inUse(poolInUse, poolSize),
)

const kinds: Readonly<Record<Process['state'], StateKind>> = { RUNNING: 'good', STOPPED: 'off', SILENT: 'bad' }

export function ProcessState({ process: { state, lastSeenAt } }: { readonly process: Process }) {
  return (
    <span>
      <State kind={kinds[state]} words={texts.states[state]} />
      {state !== 'RUNNING' && (
        <>
          {' '}
          <When at={lastSeenAt} />
        </>
      )}
    </span>
  )
}

export const processColumns: readonly Column<Process>[] = [
  { head: texts.columns.process, cell: nameOf },
  { head: texts.columns.state, cell: (process) => <ProcessState process={process} />, width: '9.5rem', phone: 'end' },
  { head: texts.columns.version, cell: ({ version }) => version, width: '5rem' },
  { head: texts.columns.started, cell: ({ startedAt }) => <When at={startedAt} />, width: '6rem', phone: 'none' },
  { head: texts.columns.connections, cell: figuresOf.connections, width: '6.75rem', align: 'end', phone: 'none' },
  { head: texts.columns.sends, cell: figuresOf.sends, width: '5rem', align: 'end', phone: 'none' },
  { head: texts.columns.deliveries, cell: figuresOf.deliveries, width: '6.75rem', align: 'end', phone: 'none' },
  { head: texts.columns.latency, cell: figuresOf.latency, width: '8.5rem', align: 'end', phone: 'none' },
  { head: texts.columns.pool, cell: poolInShort, width: '6rem', align: 'end', phone: 'none' },
  { head: texts.columns.memory, cell: figuresOf.memory, width: '6.25rem', align: 'end' },
]
