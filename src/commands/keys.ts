import type { Output } from './command.ts'
import { runOperatorCall } from './operator.ts'

interface Key {
  readonly sid: string
  readonly friendlyName: string | null
  readonly createdAt: string
  readonly lastUsedAt: string | null
}

const day = (time: string | null): string => time?.slice(0, 16).replace('T', ' ') ?? 'never'

/** Lists the account's API keys, oldest first. */
export async function listKeys(output: Output): Promise<0 | 1 | 3> {
  return runOperatorCall('keys list', output, { name: 'listKeys' }, (data: { readonly keys: readonly Key[] }) => ({
    text: data.keys.length === 0 ? 'There are no API keys.' : data.keys.map(describe).join('\n'),
    data,
  }))
}

function describe({ sid, friendlyName, createdAt, lastUsedAt }: Key): string {
  return `${sid}  made ${day(createdAt)}  last used ${day(lastUsedAt)}  ${friendlyName ?? ''}`.trimEnd()
}

/** Makes an API key. Its secret is shown this once. */
export async function createKey({ name, json }: Output & { readonly name: string | undefined }): Promise<0 | 1 | 3> {
  const call = { name: 'createKey', ...(name !== undefined && { friendlyName: name }) } as const
  return runOperatorCall('keys create', { json }, call, (data: Key & { readonly secret: string }) => ({
    text: `${data.sid}  ${data.secret}\nThe secret is shown this once. Both together are a password: sign in with ${data.sid}:<secret>.`,
    data,
  }))
}

/** Revokes an API key and the tokens that it has signed. */
export async function deleteKey(sid: string, output: Output): Promise<0 | 1 | 3> {
  return runOperatorCall('keys delete', output, { name: 'deleteKey', id: sid }, (data: Key) => ({
    text: `${data.sid} is revoked: what is connected with it is closed within 3 seconds.`,
    data,
  }))
}
