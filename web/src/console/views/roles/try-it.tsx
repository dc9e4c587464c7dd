import { useId, useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { TryPermissionDocument } from '../../generated/roles.ts'
import type { CheckedAction, TryPermissionQuery } from '../../generated/types.ts'
import { ExactField } from '../../kit/exact-field.tsx'
import { State } from '../../kit/state.tsx'
import { To } from '../../kit/to.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { Failed } from '../../kit/waiting.tsx'
import { rolesTexts as texts } from '../../texts/en/roles.ts'

type Check = NonNullable<TryPermissionQuery['permissionCheck']>

/** What each action is about. */
const groups: Readonly<Record<keyof typeof texts.actionGroups, readonly CheckedAction[]>> = {
  message: ['DELETE_MESSAGE', 'EDIT_MESSAGE', 'EDIT_MESSAGE_ATTRIBUTES', 'PIN_MESSAGE', 'REACT'],
  channel: [
    ...([
      'READ_CHANNEL',
      'SEND_MESSAGE',
      'MENTION_CHANNEL',
      'STREAM_MESSAGE',
      'JOIN_CHANNEL',
      'LEAVE_CHANNEL',
    ] as const),
    ...(['ADD_MEMBER', 'INVITE_MEMBER', 'REMOVE_MEMBER', 'EDIT_MEMBER_ROLE'] as const),
    ...([
      'EDIT_CHANNEL_NAME',
      'EDIT_CHANNEL_ATTRIBUTES',
      'FREEZE_CHANNEL',
      'TRUNCATE_CHANNEL',
      'DELETE_CHANNEL',
    ] as const),
  ],
  service: ['CREATE_CHANNEL', 'EDIT_OWN_USER', 'EDIT_OTHER_USER'],
}

const isAction = (text: string): text is CheckedAction => Object.hasOwn(texts.actions, text)
const groupOf = (action: CheckedAction) =>
  (Object.keys(groups) as (keyof typeof groups)[]).find((group) => groups[group].includes(action))!

const hasTarget = (group: keyof typeof groups, of: { readonly channelId?: string; readonly messageId?: string }) =>
  group === 'service' || (group === 'channel' ? of.channelId : of.messageId) !== undefined

/** Asks whether a user may do something. The address has the question, so that a link asks it again. */
export function TryIt() {
  const id = useId()
  const url = useUrl()
  const serviceId = useServiceId()
  const asked = url.get('action') ?? ''
  const [action, setAction] = useState<CheckedAction>(isAction(asked) ? asked : 'DELETE_MESSAGE')
  const [identity, setIdentity] = useState(url.get('identity') ?? '')
  const [channel, setChannel] = useState(url.get('channel') ?? '')
  const [message, setMessage] = useState(url.get('message') ?? '')
  const [isOpen, setIsOpen] = useState(url.get('identity') !== undefined)
  const group = groupOf(action)
  const isReady =
    identity !== '' && (group === 'service' || (group === 'channel' ? channel.trim() : message.trim()) !== '')
  const question = {
    identity: url.get('identity') ?? '',
    action: isAction(asked) ? asked : action,
    ...(url.get('channel') !== undefined && { channelId: url.get('channel')! }),
    ...(url.get('message') !== undefined && { messageId: url.get('message')! }),
    ...(serviceId !== undefined && { serviceId }),
  }
  // A link may lack what its action is about: that is to be filled in first.
  const isAsked = isAction(asked) && question.identity !== '' && hasTarget(groupOf(asked), question)
  const data = useData(TryPermissionDocument, question, { enabled: isAsked })
  const check = data.data?.permissionCheck
  return (
    <details className="try" open={isOpen} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>{texts.try}</summary>
      <p className="try-says">{texts.trySays}</p>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!isReady) return
          url.set({
            identity,
            action,
            channel: group === 'channel' ? channel.trim() : null,
            message: group === 'message' ? message.trim() : null,
          })
          data.reload()
        }}
      >
        <ExactField label={texts.identity} value={identity} onChange={({ target }) => setIdentity(target.value)} />
        <div className="field">
          <label htmlFor={id}>{texts.action}</label>
          <select
            id={id}
            className="select"
            value={action}
            onChange={({ target: { value } }) => isAction(value) && setAction(value)}
          >
            {(Object.keys(groups) as (keyof typeof groups)[]).map((name) => (
              <optgroup key={name} label={texts.actionGroups[name]}>
                {groups[name].map((one) => (
                  <option key={one} value={one}>
                    {texts.actions[one]}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </div>
        {group === 'channel' && (
          <ExactField
            label={texts.channel}
            placeholder={texts.channelPlaceholder}
            value={channel}
            onChange={({ target }) => setChannel(target.value)}
          />
        )}
        {group === 'message' && (
          <ExactField
            label={texts.message}
            placeholder={texts.messagePlaceholder}
            value={message}
            onChange={({ target }) => setMessage(target.value)}
          />
        )}
        <Button kind="main" type="submit" disabled={!isReady}>
          {texts.ask}
        </Button>
      </form>
      <div className="try-answer" role="status">
        {check && <Answer check={check} identity={question.identity} />}
      </div>
      {!check && data.error && <Failed error={data.error} onRetry={data.reload} />}
    </details>
  )
}

function Answer({ check, identity }: { readonly check: Check; readonly identity: string }) {
  const { isAllowed, user, member, permissions, refusal } = check
  return (
    <>
      <p className="try-verdict">
        <State kind={isAllowed ? 'good' : 'bad'} words={isAllowed ? texts.yes(identity) : texts.no(identity)} />
      </p>
      {refusal && (
        <p>
          {texts.reasons[refusal.reason]} {texts.answered(refusal.code, refusal.message)}
        </p>
      )}
      {user && (
        <p className="try-roles">
          <To path="/users" params={{ open: user.id }}>
            {user.identity}
          </To>
          {': '}
          {texts.serviceRole} <RoleLink type="DEPLOYMENT" role={user.role} />
          {member && (
            <>
              , {texts.channelRole} <RoleLink type="CHANNEL" role={member.role} />
            </>
          )}
        </p>
      )}
      {isAllowed && permissions.length === 0 && <p>{texts.noPermission}</p>}
      {permissions.length > 0 && (
        <>
          <h2>{texts.asked}</h2>
          <ul>
            {permissions.map(({ name, roles }) => (
              <li key={name}>
                <code>{name}</code>{' '}
                {roles.length === 0
                  ? texts.missing
                  : roles.map((role, at) => (
                      <span key={role.id}>
                        {at === 0 ? `${texts.by} ` : ', '}
                        <RoleLink type={role.type} role={role} />
                      </span>
                    ))}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function RoleLink({
  type,
  role: { id, friendlyName },
}: {
  readonly type: 'CHANNEL' | 'DEPLOYMENT'
  readonly role: { readonly id: string; readonly friendlyName: string }
}) {
  return (
    <To path="/roles" params={{ type: type === 'CHANNEL' ? null : type, role: id }}>
      <bdi>{friendlyName}</bdi>
    </To>
  )
}
