import { RoleChoicesDocument } from '../generated/roles.ts'
import type { RoleType } from '../generated/types.ts'
import { peopleTexts as texts } from '../texts/en/people.ts'
import { Choice } from './choice.tsx'
import { useData } from './use-data.ts'

/** One of the roles of a type; `fallback` is a first choice for none of them. */
export function RoleChoice({
  type,
  serviceId,
  value,
  fallback,
  problem,
  onChange,
}: {
  readonly type: RoleType
  readonly serviceId: string | undefined
  readonly value: string
  readonly fallback?: string
  readonly problem?: string | undefined
  readonly onChange: (roleId: string) => void
}) {
  const { data } = useData(RoleChoicesDocument, { ...(serviceId !== undefined && { serviceId }) })
  const roles = data?.service?.roles.nodes.filter((role) => role.type === type) ?? []
  const none: readonly (readonly [string, string])[] = fallback === undefined ? [] : [['', fallback]]
  return (
    <Choice
      label={texts.chooseRole}
      value={value}
      choices={
        data === undefined
          ? [[value, texts.rolesLoading]]
          : [...none, ...roles.map(({ id, friendlyName }) => [id, friendlyName] as const)]
      }
      problem={problem}
      onChange={onChange}
    />
  )
}
