import { LiveConnectionsDocument, ProcessNamesDocument } from '../../generated/live.ts'
import type { ConnectionRowFragment } from '../../generated/types.ts'
import { ChoiceFilter, ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { When } from '../../kit/when.tsx'
import { liveTexts } from '../../texts/en/live.ts'
import { Caller } from './caller.tsx'
import { ConnectionDetail } from './connection-detail.tsx'
import { ServiceFilter, useFilteredService } from './service-filter.tsx'
import { Silent } from './silent.tsx'
import { isSlow, Waits } from './waits.tsx'

const texts = liveTexts.connections

/** How often the list is read again, in milliseconds: clients come and go by themselves. */
const refetchMs = 5000

/** The same of the names of processes, which are seldom replaced. */
const namesRefetchMs = 60_000

const filters = ['identity', 'of', 'process']

/** Who is connected to which process. */
export default function Connections() {
  const url = useUrl()
  const serviceId = useFilteredService()
  const names = useProcessNames()
  const [identity, processId] = [url.get('identity'), url.get('process')]
  const columns: readonly Column<ConnectionRowFragment>[] = [
    { head: texts.columns.who, cell: (connection) => <Caller of={connection} /> },
    { head: texts.columns.device, cell: ({ deviceId }) => deviceId ?? texts.noDevice, phone: 'none' },
    { head: texts.columns.address, cell: ({ address }) => address, width: '11rem' },
    { head: texts.columns.process, cell: ({ processId: id }) => nameOf(names, id), width: '11rem', phone: 'none' },
    { head: texts.columns.waits, cell: (connection) => <Waits of={connection} />, width: '10rem' },
    {
      head: texts.columns.connected,
      cell: ({ connectedAt }) => <When at={connectedAt} />,
      width: '8rem',
      align: 'end',
      phone: 'end',
    },
  ]
  return (
    <Page title={texts.title} says={texts.says}>
      <Filters>
        <TextFilter name="identity" label={texts.identity} />
        <ServiceFilter />
        <ChoiceFilter name="process" label={texts.process} choices={choicesOf(names, processId)} />
        <ClearFilters names={filters} />
      </Filters>
      {serviceId !== undefined && (
        <List
          label={texts.title}
          document={LiveConnectionsDocument}
          variables={{ serviceId, identity: identity ?? null, processId: processId ?? null }}
          pick={pick}
          rowId={({ id }) => id}
          columns={columns}
          empty={texts.empty}
          filters={filters}
          refetchMs={refetchMs}
          mark={(connection) => (isSlow(connection) ? 'wait' : undefined)}
          above={({ connections }) =>
            connections && (
              <>
                <Silent processes={connections.silentProcesses} />
                {connections.totalCount > connections.nodes.length && (
                  <p className="live-total">{texts.total(connections.totalCount)}</p>
                )}
              </>
            )
          }
          detail={(id, close) => (
            <ConnectionDetail key={id} id={id} processName={nameOf.bind(null, names)} onClose={close} />
          )}
        />
      )}
    </Page>
  )
}

const pick = <Page,>({ connections }: { readonly connections?: Page }) => connections

type Names = ReadonlyMap<string, { readonly name: string; readonly isRunning: boolean }>

/** The names of the processes that were there within the last hour; none while the database is away. */
function useProcessNames(): Names {
  const { data } = useData(ProcessNamesDocument, {}, { refetchMs: namesRefetchMs })
  return new Map(
    (data?.processes ?? []).map(({ id, host, pid, worker, state }) => [
      id,
      { name: texts.processName(host, pid, worker ?? null), isRunning: state === 'RUNNING' },
    ]),
  )
}

const nameOf = (names: Names, id: string): string => names.get(id)?.name ?? id.slice(-12)

function choicesOf(names: Names, chosen: string | undefined): Record<string, string> {
  const running = [...names].filter(([id, { isRunning }]) => isRunning || id === chosen)
  const choices = Object.fromEntries(running.map(([id, { name }]) => [id, name]))
  return chosen === undefined ? choices : { [chosen]: nameOf(names, chosen), ...choices }
}
