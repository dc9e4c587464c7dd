import { useState } from 'react'
import { AddMemberItemDocument } from '../../generated/members.ts'
import type { ChannelHead } from '../../kit/channel-param.tsx'
import { ExactField } from '../../kit/exact-field.tsx'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { RoleChoice } from '../../kit/role-choice.tsx'
import { membersTexts as texts } from '../../texts/en/members.ts'

/** Adds a user to a channel. */
export default function AddMember({
  channel,
  onClose,
}: {
  readonly channel: ChannelHead
  readonly onClose: () => void
}) {
  const [identity, setIdentity] = useState('')
  const [roleId, setRoleId] = useState('')
  return (
    <FormDialog
      title={texts.addTitle}
      says={texts.addSays}
      action={texts.add}
      document={AddMemberItemDocument}
      fields={['identity', 'roleId']}
      variables={() => ({ input: { channelId: channel.id, identity, ...(roleId !== '' && { roleId }) } })}
      isReady={identity !== ''}
      done={texts.added}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <ExactField
            label={texts.identity}
            value={identity}
            problem={problemOf('identity')}
            onChange={({ target }) => setIdentity(target.value)}
          />
          <RoleChoice
            type="CHANNEL"
            serviceId={channel.serviceId}
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
