import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import { FaultProxy } from '../support/fault-proxy.ts'

const name = 'https://id.example.com'
const audience = 'fonechat'

/** An issuer of tokens, whose keys are read through a proxy. */
export interface Issuer extends AsyncDisposable {
  readonly proxy: FaultProxy
  /** What a process is to be started with. */
  readonly environment: Readonly<Record<string, string>>
  sign(identity: string, serviceId: string): Promise<string>
}

export async function openIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] })
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(keys)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy = await FaultProxy.open({ host: '127.0.0.1', port })
  return {
    proxy,
    environment: {
      JWKS_URL: `http://127.0.0.1:${proxy.port}/jwks.json`,
      JWT_ISSUER: name,
      JWT_AUDIENCE: audience,
    },
    sign: (identity, serviceId) =>
      new SignJWT({ service_sid: serviceId })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(name)
        .setAudience(audience)
        .setSubject(identity)
        .setExpirationTime('1h')
        .sign(privateKey),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
