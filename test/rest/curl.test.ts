import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openKit, uniqueName } from '../support/kit.ts'
import { openRest } from '../support/rest.ts'

const run = promisify(execFile)

/** As the product's own page prints it; only what stands in braces and the host are put in. */
const documented = String.raw`curl -XPOST https://chat.foneapi.com/v1/Services/{service sid}/Channels/{Channel SID}/Members \
 -d "Identity=kwhinnery" \
 -u '{foneapi account sid}:{foneapi auth token}'`

test('the documented curl line adds a member', async () => {
  await using kit = await openKit()
  const rest = await openRest(kit)
  const { accountId, authToken } = kit.server.account
  const uniqueChannel = uniqueName('documented')
  const channel = await kit.channel([], { uniqueName: uniqueChannel })
  const line = documented
    .replace('https://chat.foneapi.com', kit.server.url)
    .replace('{service sid}', rest.serviceId)
    .replace('{Channel SID}', channel.id)
    .replace('{foneapi account sid}', accountId)
    .replace('{foneapi auth token}', authToken)
  const { stdout } = await run('sh', ['-c', `${line} --silent --write-out '%{http_code}'`])
  expect(stdout.slice(-3)).toBe('201')
  expect(JSON.parse(stdout.slice(0, -3))).toMatchObject({
    account_sid: accountId,
    service_sid: rest.serviceId,
    channel_sid: channel.id,
    identity: 'kwhinnery',
  })
})
