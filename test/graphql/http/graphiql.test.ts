import { createHash } from 'node:crypto'
import { request, type OutgoingHttpHeaders } from 'node:http'
import { brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Server } from '../../../src/server.ts'
import { openKit, type Kit } from '../../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** As a browser opens it. */
async function open({ url }: Server = kit.server, headers: OutgoingHttpHeaders = {}) {
  return new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    request(`${url}/graphql`, { headers: { accept, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers as never, body: Buffer.concat(chunks) }),
      )
    })
      .on('error', reject)
      .end()
  })
}

test('GraphiQL is one page that loads and runs nothing from elsewhere, and stands in no frame', async () => {
  const { status, headers, body } = await open()
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  const html = body.toString()
  const [script, ...others] = [...html.matchAll(/<script\b[^>]*>/g)].map(({ 0: tag, index }) => [tag, index] as const)
  const [tag, begin] = script!
  const source = html.slice(begin + tag.length, html.indexOf('</script>', begin))
  const afterwards = others.filter(([, index]) => index > begin + source.length)
  expect([tag, afterwards]).toEqual(['<script>', []])
  const policy = Object.fromEntries(
    headers['content-security-policy']!.split('; ').map((directive) => {
      const [name, ...values] = directive.split(' ')
      return [name, values.join(' ')]
    }),
  )
  expect(policy).toMatchObject({
    'default-src': "'none'",
    'script-src': `'sha256-${createHash('sha256').update(source.replace(/\r\n?/g, '\n')).digest('base64')}'`,
    'connect-src': "'self'",
    'frame-ancestors': "'none'",
    'form-action': "'none'",
    'base-uri': "'none'",
  })
  expect(Object.values(policy).join(' ')).not.toMatch(/https?:|\*/)
  expect(headers).toMatchObject({
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
})

test('GraphiQL does not keep headers, which hold credentials', async () => {
  const html = (await open()).body.toString()
  expect(html.slice(html.lastIndexOf('renderYogaGraphiQL'))).toContain('"shouldPersistHeaders":false')
})

test('GraphiQL is sent compressed, and once', async () => {
  const plain = await open()
  const { headers, body } = await open(kit.server, { 'accept-encoding': 'gzip, br' })
  expect([headers['content-encoding'], headers['content-length']]).toEqual(['br', String(body.length)])
  expect(body.length).toBeLessThan(plain.body.length / 3)
  expect(brotliDecompressSync(body).equals(plain.body)).toBe(true)
  expect(headers['vary']).toContain('accept-encoding')
  expect(headers['etag']).not.toBe(plain.headers['etag'])
  const again = await open(kit.server, { 'accept-encoding': 'gzip, br', 'if-none-match': headers['etag'] })
  expect([again.status, again.body.length, again.headers['etag']]).toEqual([304, 0, headers['etag']])
  expect(headers['cache-control']).toBe('no-cache')
})

test('GraphiQL can be switched off, and GraphQL goes on', async () => {
  const without = await kit.another({ GRAPHIQL: 'false' })
  const { headers, body } = await open(without)
  expect(headers['content-type']).not.toContain('text/html')
  expect(body.toString()).not.toContain('<script')
  const { authorization } = kit.backend
  const answer = await fetch(`${without.url}/graphql?query=${encodeURIComponent('{ __typename }')}`, {
    headers: { authorization },
  })
  expect(await answer.json()).toEqual({ data: { __typename: 'Query' } })
})
