import { formatSince } from '../../../lib/format.ts'
import { CloseLiveConnectionDocument, LiveConnectionDocument } from '../../generated/live.ts'
import type { LiveConnectionQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { Sid } from '../../kit/sid.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { liveTexts } from '../../texts/en/live.ts'
import { callerName } from './caller.tsx'
import { Silent } from './silent.tsx'
import { Waits } from './waits.tsx'

const texts = liveTexts.connections

type Connection = NonNullable<LiveConnectionQuery['connections']>['nodes'][number]

/** How often a connection is read again, in milliseconds: what waits for it changes by itself. */
const refetchMs = 5000

/** One that is closed does not come back; it may be at a process that has not answered. */
const isFinal = ({ connections }: LiveConnectionQuery): boolean =>
  connections?.nodes.length === 0 && connections.silentProcesses.length === 0

/** One connection, which can be closed. */
export function ConnectionDetail({
  id,
  processName,
  onClose,
}: {
  readonly id: string
  readonly processName: (id: string) => string
  readonly onClose: () => void
}) {
  const data = useData(LiveConnectionDocument, { id }, { refetchMs, isFinal })
  const connection = data.data?.connections?.nodes[0]
  return (
    <Detail
      title={connection ? callerName(connection) : texts.title}
      above={connection?.protocol != null && texts.protocols[connection.protocol]}
      onClose={onClose}
      actions={
        connection && (
          <ChangeButton
            label={texts.close}
            document={CloseLiveConnectionDocument}
            variables={{ input: { connectionId: id } }}
            ask={{ title: texts.closeTitle(callerName(connection)), says: texts.closeSays }}
            done={texts.closed}
            onDone={onClose}
          />
        )
      }
    >
      <Loaded from={data} height="14rem">
        {({ connections }) =>
          connection ? (
            <ConnectionFacts connection={connection} process={processName(connection.processId)} />
          ) : (
            <>
              <Silent processes={connections?.silentProcesses ?? []} />
              <Nothing>{connections?.silentProcesses.length ? texts.goneBut : texts.gone}</Nothing>
            </>
          )
        }
      </Loaded>
    </Detail>
  )
}

function ConnectionFacts({ connection, process }: { readonly connection: Connection; readonly process: string }) {
  const { identity, userId, apiKeyId, deviceId, address, connectedAt, subscriptionCount, unansweredMs, protocol } =
    connection
  return (
    <Facts>
      {userId != null && identity != null && (
        <Fact name={texts.user} says={<UserLinks identity={identity} />}>
          <To path="/users" params={{ open: userId }}>
            <bdi>{identity}</bdi>
          </To>{' '}
          <Sid id={userId} />
        </Fact>
      )}
      {apiKeyId != null && (
        <Fact name={texts.apiKey}>
          <To path="/keys" params={{ open: apiKeyId }}>
            <Sid id={apiKeyId} copy={false} />
          </To>
        </Fact>
      )}
      <Fact name={texts.columns.device}>{deviceId ?? texts.noDevice}</Fact>
      <Fact name={texts.columns.address}>{address}</Fact>
      <Fact name={texts.columns.process}>{process}</Fact>
      <Fact name={texts.columns.connected}>
        <When at={connectedAt} />
      </Fact>
      <Fact name={texts.subscriptions}>{subscriptionCount}</Fact>
      <Fact name={texts.columns.waits}>
        <Waits of={connection} />
      </Fact>
      <Fact name={texts.confirmed}>
        {protocol === 'SERVER_SENT_EVENTS'
          ? texts.notConfirmed
          : unansweredMs == null || unansweredMs < 1000
            ? texts.confirmedNow
            : texts.confirmedNot(formatSince(unansweredMs))}
      </Fact>
    </Facts>
  )
}

function UserLinks({ identity }: { readonly identity: string }) {
  return (
    <>
      <To path="/pending" params={{ user: identity }}>
        {texts.pending}
      </To>
      {' · '}
      <To path="/connections" params={{ identity }}>
        {texts.allOf}
      </To>
    </>
  )
}
