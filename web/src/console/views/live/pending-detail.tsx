import { MemberBacklogsDocument } from '../../generated/live.ts'
import type { BacklogRowFragment } from '../../generated/types.ts'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { channelName } from '../../kit/names.ts'
import { Sid } from '../../kit/sid.tsx'
import { To } from '../../kit/to.tsx'
import { useServiceId } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { liveTexts } from '../../texts/en/live.ts'
import { PendingCount } from './pending-words.tsx'
import './live.css'

const texts = liveTexts.pending

/** What the devices of one member have not received. The id is that of the row. */
export function PendingDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const serviceId = useServiceId()
  const [channelId = '', userId = ''] = id.split(':')
  const data = useData(MemberBacklogsDocument, { serviceId: serviceId ?? null, channelId, userId })
  const all = data.data?.deliveryBacklogs?.nodes ?? []
  const [first] = all
  return (
    <Detail
      title={first?.identity ?? texts.title}
      above={first && <bdi>{channelName(first.channel)}</bdi>}
      onClose={onClose}
    >
      <Loaded from={data} height="12rem">
        {() =>
          first ? (
            <>
              <Facts>
                <Fact
                  name={texts.channel}
                  says={
                    <To path="/pending" params={{ channel: channelId }}>
                      {texts.ofChannel}
                    </To>
                  }
                >
                  <To path="/channels" params={{ open: channelId }}>
                    <bdi>{channelName(first.channel)}</bdi>
                  </To>{' '}
                  <Sid id={channelId} />
                </Fact>
                <Fact
                  name={texts.user}
                  says={
                    <>
                      <To path="/pending" params={{ user: first.identity }}>
                        {texts.ofUser}
                      </To>
                      {' · '}
                      <To path="/connections" params={{ identity: first.identity }}>
                        {texts.connections}
                      </To>
                    </>
                  }
                >
                  <To path="/users" params={{ open: userId }}>
                    <bdi>{first.identity}</bdi>
                  </To>{' '}
                  <Sid id={userId} />
                </Fact>
              </Facts>
              {all.map((backlog) => (
                <DeviceFacts key={backlog.deviceId ?? ''} backlog={backlog} />
              ))}
            </>
          ) : (
            <Nothing>{texts.gone}</Nothing>
          )
        }
      </Loaded>
    </Detail>
  )
}

function DeviceFacts({ backlog }: { readonly backlog: BacklogRowFragment }) {
  const { channel, deviceId, deliveredIndex, oldestIndex, oldestAt, lastSeenAt } = backlog
  return (
    <section className="pending-device">
      <h3>{deviceId ?? texts.anyDevice}</h3>
      <Facts>
        <Fact name={texts.columns.count}>
          <PendingCount of={backlog} />
        </Fact>
        <Fact name={texts.received}>{deliveredIndex == null ? texts.never : texts.message(deliveredIndex)}</Fact>
        {oldestIndex != null && (
          <Fact name={texts.oldest}>
            <To path="/messages" params={{ channel: channel.id, at: String(oldestIndex) }}>
              {texts.message(oldestIndex)}
            </To>
            , <When at={oldestAt} />
          </Fact>
        )}
        <Fact name={texts.columns.seen}>
          <When at={lastSeenAt} />
        </Fact>
      </Facts>
    </section>
  )
}
