import type { ReactNode } from 'react'
import { OverviewProcessesDocument } from '../../generated/overview.ts'
import type { OverviewProcessesQuery } from '../../generated/types.ts'
import { wholeList } from '../../kit/connection.ts'
import { List } from '../../kit/list.tsx'
import { useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { overviewTexts } from '../../texts/en/overview.ts'
import { processColumns, type Process } from './process-columns.tsx'

const texts = overviewTexts.processes

/** How often what runs is read again, in milliseconds: an operator who looks at an outage sees its end. */
export const refetchMs = 5000

/** As the list asks, so that both share one request. */
export const useProcesses = () => useData(OverviewProcessesDocument, {}, { refetchMs })

const pick = ({ processes }: OverviewProcessesQuery) => wholeList(processes)

const mark = ({ state }: Process) => (state === 'SILENT' ? 'wait' : undefined)

/** The processes; each opens beside the list, or with `leads` in the view of the processes. */
export function ProcessList({
  leads = false,
  detail,
}: {
  readonly leads?: boolean
  readonly detail?: (id: string, close: () => void) => ReactNode
}) {
  const url = useUrl()
  return (
    <List
      label={texts.title}
      document={OverviewProcessesDocument}
      variables={{}}
      pick={pick}
      rowId={({ id }) => id}
      columns={processColumns}
      empty={texts.empty}
      size={null}
      refetchMs={refetchMs}
      mark={mark}
      {...(detail && { detail })}
      {...(leads && { hrefOf: ({ id }: Process) => url.to('/processes', { open: id }) })}
    />
  )
}
