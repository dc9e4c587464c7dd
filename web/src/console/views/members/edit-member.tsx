import { useState } from 'react'
import { UpdateMemberItemDocument } from '../../generated/members.ts'
import type { MemberItemQuery } from '../../generated/types.ts'
import { FormDialog } from '../../kit/form-dialog.tsx'
import { RoleChoice } from '../../kit/role-choice.tsx'
import { membersTexts as texts } from '../../texts/en/members.ts'

/** Gives a member another role. */
export default function EditMember({
  member,
  onClose,
}: {
  readonly member: NonNullable<MemberItemQuery['member']>
  readonly onClose: () => void
}) {
  const [roleId, setRoleId] = useState(member.role.id)
  return (
    <FormDialog
      title={texts.editTitle}
      says={texts.editSays}
      action={texts.save}
      document={UpdateMemberItemDocument}
      fields={['roleId']}
      variables={() => ({ input: { memberId: member.id, roleId } })}
      isReady={roleId !== member.role.id}
      done={texts.saved}
      onClose={onClose}
    >
      {(problemOf) => (
        <RoleChoice
          type="CHANNEL"
          serviceId={member.channel.serviceId}
          value={roleId}
          problem={problemOf('roleId')}
          onChange={setRoleId}
        />
      )}
    </FormDialog>
  )
}
