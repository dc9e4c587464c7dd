import { useState } from 'react'
import { CreateInviteItemDocument } from '../../generated/invites.ts'
import { ExactField } from '../../kit/exact-field.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { RoleChoice } from '../../kit/role-choice.tsx'
import { invitesTexts as texts } from '../../texts/en/invites.ts'

/** Invites a user to a channel; what the list is filtered by is filled in. */
export default function CreateInvite({
  serviceId,
  onClose,
  ...filled
}: {
  readonly serviceId: string | undefined
  readonly channelId: string
  readonly identity: string
  readonly onClose: () => void
}) {
  const [channelId, setChannelId] = useState(filled.channelId)
  const [identity, setIdentity] = useState(filled.identity)
  const [roleId, setRoleId] = useState('')
  return (
    <FormDialog
      title={texts.createTitle}
      says={texts.createSays}
      action={texts.create}
      document={CreateInviteItemDocument}
      fields={['channelId', 'identity', 'roleId']}
      variables={() => ({
        input: { channelId: channelId.trim(), identity, ...(roleId !== '' && { roleId }) },
      })}
      isReady={channelId.trim() !== '' && identity !== ''}
      done={texts.created}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <ExactField
            label={texts.channel}
            placeholder={texts.channelPlaceholder}
            value={channelId}
            problem={problemOf('channelId')}
            onChange={({ target }) => setChannelId(target.value)}
          />
          <ExactField
            label={texts.identity}
            value={identity}
            problem={problemOf('identity')}
            onChange={({ target }) => setIdentity(target.value)}
          />
          <RoleChoice
            type="CHANNEL"
            serviceId={serviceId}
            value={roleId}
            fallback={texts.defaultRole}
            problem={problemOf('roleId')}
            onChange={setRoleId}
          />
        </>
      )}
    </FormDialog>
  )
}
