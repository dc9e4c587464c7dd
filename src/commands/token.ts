import type { Output } from './command.ts'
import { runOperatorCall } from './operator.ts'

interface TokenOptions extends Output {
  readonly ttl: string | undefined
  readonly service: string | undefined
}

interface Token {
  readonly token: string
  readonly expiresAt: string
}

/** Makes an access token. The token alone is on stdout, so that it can be put into a variable. */
export async function token(identity: string, { ttl, service, json }: TokenOptions): Promise<0 | 1 | 3> {
  return runOperatorCall(
    'token',
    { json },
    {
      name: 'token',
      identity,
      ...(service !== undefined && { serviceId: service }),
      ...(ttl !== undefined && { ttlSeconds: Number(ttl) }),
    },
    (made: Token) => ({ text: made.token, data: made }),
  )
}
