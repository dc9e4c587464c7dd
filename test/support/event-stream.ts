import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { Recording, type Caller } from './kit.ts'

/** Subscribes over Server-Sent Events in the distinct connections mode, and records. */
export async function subscribeOverEvents<Data, Variables>(
  { server, authorization, headers }: Caller,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Recording<Data>> {
  const aborter = new AbortController()
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization, ...headers },
    body: JSON.stringify({ query: print(document), variables }),
    signal: aborter.signal,
  })
  if (!response.headers.get('content-type')?.includes('text/event-stream')) throw new Error(await response.text())
  const recording = new Recording<Data>()
  recording.stop = () => aborter.abort()
  void readEvents(response, recording).catch((error: unknown) => recording.errors.push(error))
  return recording
}

async function readEvents<Data>(response: Response, recording: Recording<Data>): Promise<void> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const valueOf = (name: string) => fields.find((field) => field.startsWith(`${name}: `))?.slice(name.length + 2)
      if (valueOf('event') === 'complete') recording.isComplete = true
      if (valueOf('event') !== 'next') continue
      const { data, errors } = JSON.parse(valueOf('data')!) as { data?: Data; errors?: unknown[] }
      if (errors) recording.errors.push(...errors)
      if (data) recording.items.push(data)
    }
  }
}
