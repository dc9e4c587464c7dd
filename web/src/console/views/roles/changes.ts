import type { RoleColumnFieldsFragment } from '../../generated/types.ts'

/** What is ticked of each role that is not as it is stored: the whole set of its permissions. */
export type Edits = Readonly<Record<string, ReadonlySet<string>>>

/** The edits after one more tick. A role that is as it is stored again has none. */
export function toggled(edits: Edits, role: RoleColumnFieldsFragment, permission: string): Edits {
  const next = new Set(edits[role.id] ?? role.permissions)
  if (!next.delete(permission)) next.add(permission)
  const others = without(edits, role.id)
  const isStored = next.size === role.permissions.length && role.permissions.every((name) => next.has(name))
  return isStored ? others : { ...others, [role.id]: next }
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
    const wanted = edits[role.id]
    if (!wanted) return []
    const added = [...wanted].filter((name) => !role.permissions.includes(name))
    const removed = role.permissions.filter((name) => !wanted.has(name))
    return added.length + removed.length > 0 ? [{ role, added, removed }] : []
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
