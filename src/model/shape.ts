/** What a field must be. */
export type Check = (value: unknown) => boolean

/** Of each field what it must be; the compiler asks for every field. */
export type Shape<Row> = { readonly [Field in keyof Row]-?: Check }

/** The payload of one type: several may stand in one line of the union. */
type PayloadOf<Payload, Type> = Payload extends { readonly type: infer Of }
  ? Type extends Of
    ? Payload
    : never
  : never

/** Of each type of payload its fields but for `type`. */
export type Shapes<Payload extends { readonly type: string }> = {
  readonly [Type in Payload['type']]: Shape<Omit<PayloadOf<Payload, Type>, 'type'>>
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

export const isText: Check = (value) => typeof value === 'string'
export const isNumber: Check = (value) => typeof value === 'number'
export const isFlag: Check = (value) => typeof value === 'boolean'
export const isDate: Check = (value) => value instanceof Date
export const isSeq = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
export const isAbsent: Check = (value) => value === undefined

export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)

/** Left out by who does not know the field, and by who has nothing to say in it. */
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value)

export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)

export function row<Row>(shape: Shape<Row>): Check {
  const fields = Object.keys(shape)
  const checks = Object.values<Check>(shape)
  return (value) => {
    if (!isObject(value)) return false
    for (let at = 0; at < fields.length; at++) if (!checks[at]!(value[fields[at]!])) return false
    return true
  }
}

/** Reads payloads of these types; undefined is every other, and one that has not all that its type has here. */
export function readerOf<Payload extends { readonly type: string }>(
  shapes: Shapes<Payload>,
): (payload: unknown) => Payload | undefined {
  const checks = new Map(Object.entries<Shape<object>>(shapes).map(([type, shape]) => [type, row(shape)]))
  return (payload) =>
    isObject(payload) && checks.get(payload['type'] as string)?.(payload) ? (payload as unknown as Payload) : undefined
}
