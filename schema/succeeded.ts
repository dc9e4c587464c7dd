/** Fields of Query whose null says that there is no such thing. */
type Lookup =
  | 'apiKey'
  | 'channel'
  | 'credential'
  | 'invite'
  | 'member'
  | 'message'
  | 'node'
  | 'role'
  | 'service'
  | 'user'
  | 'webhookDelivery'

/** The data of an operation that has no errors: every other field of its root is null only when it has failed. */
export type Succeeded<Data> = {
  readonly [Field in keyof Data]: Field extends Lookup ? Data[Field] : NonNullable<Data[Field]>
}
