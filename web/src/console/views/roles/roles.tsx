import { useState } from 'react'
import { RoleMatrixDocument } from '../../generated/roles.ts'
import type { RoleMatrixQuery, RoleType } from '../../generated/types.ts'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Page } from '../../kit/page.tsx'
import { Paging } from '../../kit/paging.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { useData, type Data } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { rolesTexts as texts } from '../../texts/en/roles.ts'
import { differencesOf, toggled, without, type Edits } from './changes.ts'
import { Matrix } from './matrix.tsx'
import { SaveBar } from './save-bar.tsx'
import { TryIt } from './try-it.tsx'
import './roles.css'

const pageSize = 100

/** The roles of the service by what they permit, and what follows for one user. */
export default function Roles() {
  const url = useUrl()
  const serviceId = useServiceId()
  const type: RoleType = url.get('type') === 'DEPLOYMENT' ? 'DEPLOYMENT' : 'CHANNEL'
  const [after, before] = [url.get('after'), url.get('before')]
  const page =
    before === undefined ? { first: pageSize, ...(after !== undefined && { after }) } : { last: pageSize, before }
  const data = useData(RoleMatrixDocument, { ...(serviceId !== undefined && { serviceId }), ...page }, { keep: true })
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={
        <DialogButton
          kind="main"
          disabled={data.data === undefined}
          label={texts.create}
          load={() => import('./create-role.tsx')}
          props={{ type, serviceId, roles: data.data?.service?.roles.nodes.filter((role) => role.type === type) ?? [] }}
        />
      }
    >
      <TryIt />
      <fieldset className="role-types">
        <legend>{texts.type}</legend>
        {(['CHANNEL', 'DEPLOYMENT'] as const).map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="role-type"
              data-filter
              checked={one === type}
              onChange={() => url.set({ type: one === 'CHANNEL' ? null : one, role: null })}
            />
            {texts.types[one]}
          </label>
        ))}
      </fieldset>
      <Loaded from={data} height="40rem">
        {(read) => <Editor read={read} type={type} data={data} />}
      </Loaded>
    </Page>
  )
}

function Editor({
  read: { service, permissions },
  type,
  data,
}: {
  readonly read: RoleMatrixQuery
  readonly type: RoleType
  readonly data: Data<unknown>
}) {
  const url = useUrl()
  const [edits, setEdits] = useState<Edits>({})
  const all = service?.roles.nodes ?? []
  const roles = all.filter((role) => role.type === type)
  const rows = (permissions ?? []).filter(({ roleTypes }) => roleTypes.includes(type))
  const differences = differencesOf(edits, all)
  if (!service) return <Nothing>{texts.empty}</Nothing>
  const { hasNextPage, hasPreviousPage } = service.roles.pageInfo
  return (
    <>
      {roles.length === 0 ? (
        <Nothing>{texts.empty}</Nothing>
      ) : (
        <Matrix
          rows={rows}
          roles={roles}
          edits={edits}
          service={service}
          chosen={url.get('role')}
          onToggle={(role, permission) => setEdits((known) => toggled(known, role, permission))}
        />
      )}
      {(hasNextPage || hasPreviousPage) && (
        <Paging
          id="roles-pages"
          count={roles.length}
          info={service.roles.pageInfo}
          data={data}
          onPage={(place) => url.set({ after: null, before: null, ...place })}
        />
      )}
      {differences.length > 0 && (
        <SaveBar
          differences={differences}
          onSaved={(id) => setEdits((known) => without(known, id))}
          onDiscard={() => setEdits({})}
        />
      )}
    </>
  )
}
