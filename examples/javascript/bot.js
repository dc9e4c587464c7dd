// A bot whose answers are read while they are written, as those of a language model. CHAT_URL, CHANNEL, and SID and TOKEN of the account.
// Whoever writes "Echo, …" in the channel gets an answer.
import { createClient } from '@fonechat/client'
import { streams } from '@fonechat/client/streams'

const { CHAT_URL: url = 'http://127.0.0.1:4000', SID, TOKEN, CHANNEL = 'general' } = process.env
const identity = 'echo'

/** Stands in for a language model: whatever gives a text in pieces can be in its place. */
async function* answerTo(question) {
  const text = `You said: ${question.replace(/^echo\W*/i, '')} And I say it word by word, as it comes to me. 🦉`
  for (const word of text.split(/(?<= )/)) {
    await new Promise((resolve) => setTimeout(resolve, 20 + 60 * Math.random()))
    yield word
  }
}

/** Asks the server as the account’s backend. */
async function backend(query, input) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${SID}:${TOKEN}`)}` },
    body: JSON.stringify({ query, variables: { input } }),
  })
  const { data, errors } = await answer.json()
  if (errors) throw Object.assign(new Error(errors[0].message), errors[0].extensions)
  return data
}

// By default no role may stream texts.
const { service } = await backend('{ service { roles(first: 100) { nodes { id friendlyName } } } }')
let role = service.roles.nodes.find(({ friendlyName }) => friendlyName === 'bot')
role ??= (
  await backend('mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }', {
    friendlyName: 'bot',
    type: 'CHANNEL',
    permissions: ['sendMessage', 'streamMessage'],
  })
).createRole.role
await backend('mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }', {
  channelId: CHANNEL,
  identity,
  roleId: role.id,
}).catch((error) => {
  // It is a member since it ran before.
  if (error.code !== 'CONFLICT') throw error
})

const token = async () => {
  const mutation = 'mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) { token } }'
  return (await backend(mutation, { identity })).createAccessToken.token
}
const client = createClient({ url, identity, token, modules: [streams()] })
const channel = await client.getChannel(CHANNEL)

channel.on('messageAdded', async (message) => {
  if (message.author === identity || !/^echo\b/i.test(message.body)) return
  try {
    const answer = await client.streams.send(channel.id, answerTo(message.body))
    console.log(`answered ${message.author}: ${answer.body}`)
  } catch (error) {
    console.error('not answered:', error.message)
  }
})
const say = ({ status }) => console.log(status)
say(client.getSnapshot().connection)
client.on('connectionState', say)
