import { DeleteRoleColumnDocument } from '../../generated/roles.ts'
import type { RoleColumnFieldsFragment, RoleMatrixQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Sid } from '../../kit/sid.tsx'
import { rolesTexts as texts } from '../../texts/en/roles.ts'
import { isTicked, type Edits } from './changes.ts'

type Service = NonNullable<RoleMatrixQuery['service']>
type PermissionRow = NonNullable<RoleMatrixQuery['permissions']>[number]

/** A row for each permission, a column for each role. */
export function Matrix({
  rows,
  roles,
  edits,
  service,
  chosen,
  onToggle,
}: {
  readonly rows: readonly PermissionRow[]
  readonly roles: readonly RoleColumnFieldsFragment[]
  readonly edits: Edits
  readonly service: Service
  /** The SID of the role that a link has led to. */
  readonly chosen: string | undefined
  readonly onToggle: (role: RoleColumnFieldsFragment, permission: string) => void
}) {
  return (
    <div className="matrix-scroll" tabIndex={0} role="region" aria-label={texts.matrix}>
      <table className="matrix" aria-label={texts.matrix}>
        <thead>
          <tr>
            <th scope="col">{texts.permission}</th>
            {roles.map((role) => (
              <th key={role.id} scope="col" data-chosen={role.id === chosen || undefined}>
                <RoleHead role={role} service={service} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">
                <span className="permission-name">{row.name}</span>
                <span className="permission-says">{row.description}</span>
              </th>
              {roles.map((role) => (
                <td key={role.id} data-chosen={role.id === chosen || undefined}>
                  <Cell
                    role={role}
                    row={row}
                    isOn={(permission) => isTicked(edits, role, permission)}
                    onToggle={() => onToggle(role, row.name)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function RoleHead({ role, service }: { readonly role: RoleColumnFieldsFragment; readonly service: Service }) {
  const defaults = [
    service.defaultServiceRole.id === role.id && texts.defaults.service,
    service.defaultChannelRole.id === role.id && texts.defaults.channel,
    service.defaultChannelCreatorRole.id === role.id && texts.defaults.creator,
  ].filter((word) => word !== false)
  return (
    <div className="role-head">
      <bdi className="role-name">{role.friendlyName}</bdi>
      <Sid id={role.id} />
      {defaults.length > 0 ? (
        <span className="role-default">{texts.defaultOf(defaults.join(', '))}</span>
      ) : (
        <ChangeButton
          label={texts.deleteWord}
          document={DeleteRoleColumnDocument}
          variables={{ input: { roleId: role.id } }}
          ask={{ title: texts.deleteTitle(role.friendlyName), says: texts.deleteSays }}
          done={texts.deleted}
        />
      )}
    </div>
  )
}

function Cell({
  role,
  row,
  isOn,
  onToggle,
}: {
  readonly role: RoleColumnFieldsFragment
  readonly row: PermissionRow
  readonly isOn: (permission: string) => boolean
  readonly onToggle: () => void
}) {
  const isChecked = isOn(row.name)
  const wider = !isChecked && row.widerName !== null && isOn(row.widerName) ? row.widerName : undefined
  const isEdited = isChecked !== role.permissions.includes(row.name)
  return (
    <label
      className="cell"
      data-edited={isEdited || undefined}
      title={wider === undefined ? undefined : texts.impliedBy(wider)}
    >
      <input
        type="checkbox"
        checked={isChecked}
        aria-label={texts.cell(row.name, role.friendlyName)}
        aria-description={wider === undefined ? undefined : texts.impliedBy(wider)}
        onChange={onToggle}
      />
      {wider !== undefined && (
        <span className="cell-implied" aria-hidden="true">
          ✓
        </span>
      )}
    </label>
  )
}
