import type { RoleColumnFieldsFragment } from '../../generated/types.ts'

/** The ticks of each role that are not as they are stored, and what they are to be. */
export type Edits = Readonly<Record<string, Readonly<Record<string, boolean>>>>

type Role = Pick<RoleColumnFieldsFragment, 'id' | 'permissions'>

/** Whether the role is to have the permission. What was not edited is as it is stored, also where another person has changed that meanwhile. */
export const isTicked = (edits: Edits, { id, permissions }: Role, permission: string): boolean =>
  edits[id]?.[permission] ?? permissions.includes(permission)

/** The edits after one more tick. A role that is as it is stored again has none. */
export function toggled(edits: Edits, role: Role, permission: string): Edits {
  const { [permission]: _, ...others } = edits[role.id] ?? {}
  const next = !isTicked(edits, role, permission)
  const ticks = next === role.permissions.includes(permission) ? others : { ...others, [permission]: next }
  return Object.keys(ticks).length === 0 ? without(edits, role.id) : { ...edits, [role.id]: ticks }
}

/** The edits of the other roles. */
export const without = (edits: Edits, id: string): Edits =>
  Object.fromEntries(Object.entries(edits).filter(([other]) => other !== id))

export interface Difference {
  readonly role: RoleColumnFieldsFragment
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** What saving would change, of the roles that are there. */
export function differencesOf(edits: Edits, roles: readonly RoleColumnFieldsFragment[]): Difference[] {
  return roles.flatMap((role) => {
    const ticks = Object.entries(edits[role.id] ?? {}).filter(([name, on]) => on !== role.permissions.includes(name))
    const named = (wanted: boolean): string[] => ticks.filter(([, on]) => on === wanted).map(([name]) => name)
    return ticks.length > 0 ? [{ role, added: named(true), removed: named(false) }] : []
  })
}

/**
 * What to save of one: only the ticks that were changed, so that what another person has changed meanwhile stays as it is.
 */
export const inputOf = ({ role, added, removed }: Difference) => ({
  roleId: role.id,
  permissions: [...added],
  among: [...added, ...removed],
})
