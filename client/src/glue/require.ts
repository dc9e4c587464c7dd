/** A field that a document must select for the cache to keep its lists right. */
export class MissingFieldError extends Error {
  override readonly name = 'MissingFieldError'

  constructor(where: string, fields: readonly string[]) {
    super(`${where} must be selected with ${fields.map((field) => `\`${field}\``).join(', ')}: add it to the document.`)
  }
}

/** The object, when it has all of these fields. Without one of them lists would be in the wrong order or have a hole, silently. */
export function requireFields<Name extends string>(
  where: string,
  value: Readonly<Record<string, unknown>>,
  fields: readonly Name[],
): void {
  const missing = fields.filter((field) => value[field] === undefined)
  if (missing.length > 0) throw new MissingFieldError(where, missing)
}
