import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelId } from '../../src/model/sid.ts'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { openRest, openTwilio, type Rest } from '../support/rest.ts'
import { systemCommand } from '../support/system-command.ts'

/** What the product's own page prints, run; only what stands for something of the reader's own is put in. */
let kit: Kit
let rest: Rest
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
  channelId = (await kit.channel([], { uniqueName: uniqueName('documented') })).id
})
afterAll(() => kit.close())

const curl = String.raw`curl -XPOST https://chat.foneapi.com/v1/Services/{service sid}/Channels/{Channel SID}/Members \
 -d "Identity=kwhinnery" \
 -u '{foneapi account sid}:{foneapi auth token}'`

test('the curl line adds a member', async () => {
  const { accountId, authToken } = kit.server.account
  const line = curl
    .replace('curl', systemCommand(['curl'], 'curl'))
    .replace('https://chat.foneapi.com', kit.server.url)
    .replace('{service sid}', rest.serviceId)
    .replace('{Channel SID}', channelId)
    .replace('{foneapi account sid}', accountId)
    .replace('{foneapi auth token}', authToken)
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line} --silent --write-out '%{http_code}'`])
  expect(stdout.slice(-3)).toBe('201')
  expect(JSON.parse(stdout.slice(0, -3))).toMatchObject({
    account_sid: accountId,
    service_sid: rest.serviceId,
    channel_sid: channelId,
    identity: 'kwhinnery',
  })
})

const sendSnippet = `service.channels('CHANNEL_ID').messages('MESSAGE_ID').create({
 body: 'MESSAGE'
}).then(function(response) {
 console.log(response);
}).fail(function(error) {
 console.log(error);
});`

const addSnippet = `service.channels('CHANNEL_ID').members.create({
 identity: "IDENTITY"
}).then(function(response) {
 console.log(response);
}).fail(function(error) {
 console.log(error);
});`

/** Runs it with the library of today, in which a list is no function and a promise has `catch`. Answers what it logs. */
async function runSnippet(snippet: string): Promise<unknown> {
  const text = snippet
    .replace('CHANNEL_ID', channelId)
    .replace(`messages('MESSAGE_ID')`, 'messages')
    .replace('.fail(', '.catch(')
  const service = openTwilio(rest).chat.v1.services(rest.serviceId)
  return new Promise((log) => {
    // oxlint-disable-next-line no-implied-eval -- the snippet is what is tested
    new Function('service', 'console', text)(service, { log })
  })
}

test('the snippet that sends a message sends it', async () => {
  expect(await runSnippet(sendSnippet)).toMatchObject({ body: 'MESSAGE', from: 'system', index: 0, to: channelId })
})

test('the snippet that adds a member adds it, and says why it cannot the second time', async () => {
  expect(await runSnippet(addSnippet)).toMatchObject({ identity: 'IDENTITY', channelSid: channelId })
  expect(await runSnippet(addSnippet)).toMatchObject({ status: 409, code: 50404 })
})
