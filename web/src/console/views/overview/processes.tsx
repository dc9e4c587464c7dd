import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { Page } from '../../kit/page.tsx'
import { CopyButton } from '../../kit/sid.tsx'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { overviewTexts } from '../../texts/en/overview.ts'
import { Hour } from './hour.tsx'
import { nameOf } from './minutes.ts'
import { figuresOf, ProcessState, type Process } from './process-columns.tsx'
import { ProcessList, useProcesses } from './process-list.tsx'
import './overview.css'

const texts = overviewTexts.processes

/** All processes, and one of them with its hour. */
export default function Processes() {
  return (
    <Page title={texts.title} says={texts.says}>
      <ProcessList detail={(id, close) => <ProcessDetail key={id} id={id} onClose={close} />} />
    </Page>
  )
}

function ProcessDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useProcesses()
  const process = data.data?.processes?.find((each) => each.id === id)
  return (
    <Detail
      title={process ? nameOf(process) : texts.title}
      above={
        <>
          <code>{id}</code> <CopyButton text={id} label={texts.copyId} />
        </>
      }
      onClose={onClose}
    >
      <Loaded from={data} height="20rem">
        {() => (process ? <ProcessFacts process={process} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
      <div className="detail-charts">
        <Hour processId={id} />
      </div>
    </Detail>
  )
}

function ProcessFacts({ process }: { readonly process: Process }) {
  const { host, pid, worker, version, startedAt, lastSeenAt, state, isAnswering } = process
  return (
    <Facts>
      <Fact name={texts.columns.state} {...(state === 'SILENT' && { says: texts.silentSays })}>
        <ProcessState process={process} />
        {isAnswering && ` · ${texts.answering}`}
      </Fact>
      <Fact name={texts.host}>{host}</Fact>
      <Fact name={texts.pid}>{pid}</Fact>
      {worker !== null && <Fact name={texts.worker}>{worker}</Fact>}
      <Fact name={texts.columns.version}>{version}</Fact>
      <Fact name={texts.columns.started}>
        <When at={startedAt} />
      </Fact>
      <Fact name={texts.seen}>
        <When at={lastSeenAt} />
      </Fact>
      {(Object.keys(figuresOf) as (keyof typeof figuresOf)[]).map((name) => (
        <Fact key={name} name={texts.columns[name]}>
          {figuresOf[name](process)}
        </Fact>
      ))}
    </Facts>
  )
}
