import { graphqlTransportWs, Load } from './load.ts'
import { Sender } from './sender.ts'
import { body } from './servers.ts'

/** A process that sends and reads, so that several of them can ask more of a server than one core gives. */
export type GeneratorMessage =
  | { readonly make: readonly number[]; readonly port: number; readonly authorization: string }
  | { readonly read: readonly Membership[] }
  | { readonly send: readonly string[]; readonly seconds: number; readonly underWay: number }
  | { readonly count: true }
  | { readonly end: true }

export interface Membership {
  readonly channelId: string
  readonly token: string
  readonly deviceId: string
}

export interface GeneratorAnswer {
  /** With the members of each channel that was made. */
  readonly made?: readonly { readonly channelId: string; readonly members: readonly Membership[] }[]
  readonly sent?: number
  readonly received?: number
  /** Processor time of this process so far, in seconds. */
  readonly processor: number
}

const live = 'subscription ($channelId: ID!) { messageAdded(channelId: $channelId) { index body } }'
const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }'
const join =
  'mutation ($member: AddMemberInput!, $token: CreateAccessTokenInput!) ' +
  '{ addMember(input: $member) { member { id } } createAccessToken(input: $token) { token } }'

/** Connections that send. They come to the workers in turn. */
const senderCount = 16

let port = 0
let senders: Sender[] = []
const load = new Load(body)

async function make(counts: readonly number[]): Promise<GeneratorAnswer['made']> {
  const made: { channelId: string; members: Membership[] }[] = []
  for (const [number, count] of counts.entries()) {
    const sender = senders[number % senders.length]!
    const [answer] = await sender.run([{ query: 'mutation { createChannel(input: {}) { channel { id } } }' }])
    const channelId = answer!['createChannel'].channel.id as string
    const members: Membership[] = []
    for (let first = 0; first < count; first += 25) {
      const identities = Array.from(
        { length: Math.min(25, count - first) },
        (_, at) => `member-${number}-${first + at}`,
      )
      const answers = await sender.run(
        identities.map((identity) => ({
          query: join,
          variables: { member: { channelId, identity }, token: { identity } },
        })),
      )
      for (const [at, { createAccessToken }] of answers.entries()) {
        members.push({ channelId, token: createAccessToken.token as string, deviceId: `${identities[at]}-phone` })
      }
    }
    made.push({ channelId, members })
  }
  return made
}

/** Sends to the channels in turn, with so many under way, for so long. */
async function sendAll(channels: readonly string[], seconds: number, underWay: number): Promise<number> {
  const end = performance.now() + seconds * 1000
  let sent = 0
  await Promise.all(
    Array.from({ length: underWay }, async (_, lane) => {
      while (performance.now() < end) {
        const input = { channelId: channels[(lane + sent) % channels.length], body }
        await senders[lane % senders.length]!.run([{ query: send, variables: { input } }])
        sent++
      }
    }),
  )
  return sent
}

async function work(message: GeneratorMessage): Promise<Omit<GeneratorAnswer, 'processor'>> {
  if ('make' in message) {
    port = message.port
    const url = `ws://127.0.0.1:${port}/graphql`
    const open = () => Sender.open(url, { authorization: message.authorization })
    senders = await Promise.all(Array.from({ length: senderCount }, open))
    return { made: (await make(message.make)) ?? [] }
  }
  if ('read' in message) {
    const protocols = message.read.map(({ channelId, token, deviceId }) => ({
      ...graphqlTransportWs({ query: live, variables: { channelId } }, { token, deviceId }),
      tag: 0,
    }))
    await load.connect(port, protocols)
    return {}
  }
  if ('send' in message) return { sent: await sendAll(message.send, message.seconds, message.underWay) }
  if ('count' in message) {
    if (load.fault) throw load.fault
    return { received: load.received }
  }
  process.exit()
}

process.on('message', (message: GeneratorMessage) => {
  void work(message).then((answer) => {
    const { user, system } = process.cpuUsage()
    process.send!({ ...answer, processor: (user + system) / 1e6 } satisfies GeneratorAnswer)
  })
})
process.on('disconnect', () => process.exit())
