/** An object of a result, with `__typename`. */
export type ResultObject = Readonly<Record<string, unknown>> & { readonly __typename: string }

/** Calls back for each object with a type name in a result, outer ones first. */
export function visitObjects(value: unknown, visit: (object: ResultObject) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitObjects(item, visit)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const object = value as ResultObject
  if (typeof object.__typename === 'string') visit(object)
  for (const item of Object.values(object)) visitObjects(item, visit)
}
