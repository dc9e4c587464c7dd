import { useMemo, useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { ProcessHistoryDocument } from '../../generated/overview.ts'
import { ChartTable } from '../../kit/chart/chart-table.tsx'
import { Chart } from '../../kit/chart/chart.tsx'
import { Section } from '../../kit/page.tsx'
import { useData } from '../../kit/use-data.ts'
import { useNow } from '../../kit/use-now.ts'
import { Age, Loaded, Nothing } from '../../kit/waiting.tsx'
import { overviewTexts } from '../../texts/en/overview.ts'
import { chartsOf, type ProcessWithHistory } from './minutes.ts'

const texts = overviewTexts.charts

/** How often it is read again, in milliseconds: each process writes its last minute once a minute, at its own second. */
const refetchMs = 20_000

/** What all processes, or one of them, did in the last hour. */
export function Hour({ processId }: { readonly processId?: string }) {
  const data = useData(ProcessHistoryDocument, {}, { refetchMs })
  const [isTable, setIsTable] = useState(false)
  return (
    <Section
      title={texts.title}
      says={processId === undefined ? texts.says : texts.saysOne}
      actions={
        <>
          <Age of={data} />
          <Button aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
            {isTable ? texts.asCharts : texts.asTable}
          </Button>
        </>
      }
    >
      <Loaded from={data} height="60rem">
        {({ processes }) => (
          <Charts
            processes={processes}
            processId={processId}
            // While it can be read it ends with what was read.
            readAt={data.error ? data.readAt : undefined}
            isTable={isTable}
          />
        )}
      </Loaded>
    </Section>
  )
}

function Charts({
  processes,
  processId,
  readAt,
  isTable,
}: {
  readonly processes: readonly ProcessWithHistory[] | null
  readonly processId: string | undefined
  readonly readAt: number | undefined
  readonly isTable: boolean
}) {
  const [at, setAt] = useState<number | null>(null)
  const now = useNow()
  const minutes = readAt === undefined ? 0 : Math.floor((now - readAt) / 60_000)
  // The same lines until something else is read: the pointer moves over twelve charts.
  const charts = useMemo(() => {
    const shown = (processes ?? []).filter(({ id }) => processId === undefined || id === processId)
    return chartsOf(shown, minutes * 60_000)
  }, [processes, processId, minutes])
  if (!charts) return <Nothing>{texts.first}</Nothing>
  if (isTable) return <ChartTable label={texts.title} charts={charts} />
  return (
    <div className="charts">
      {charts.map((chart) => (
        <Chart key={chart.title} {...chart} at={at} onAt={setAt} />
      ))}
    </div>
  )
}
