// A program of that project, which renders what a server does: without a client, and with one that knows everything already.
import { once } from 'node:events'
import { createClient } from '@fonechat/client'
import { people } from '@fonechat/client/people'
import { renderToString } from 'react-dom/server'
import { view } from './react-18.view.ts'

const [url, token] = process.argv.slice(2) as [string, string]
const client = createClient({ url, identity: 'alice', token: () => token, modules: [people()] })
const live = new EventTarget()
client.subscribe(() => client.getSnapshot().connection.status === 'live' && live.dispatchEvent(new Event('live')))
await once(live, 'live', { signal: AbortSignal.timeout(20_000) })
const { id } = await client.getChannel('general')
const rendered = [null, client, null].map((of) => renderToString(view(of, id)))
process.stdout.write(JSON.stringify({ id, rendered }))
await client.close()
