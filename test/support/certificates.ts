import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files of a certificate for 127.0.0.1, and of the authority that has signed it. */
export interface Certificates {
  readonly authorityFile: string
  readonly certificateFile: string
  readonly keyFile: string
  /** What clients have to trust. */
  readonly authority: string
}

/** Makes an authority and a certificate of it with OpenSSL, in a folder that is there. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe', timeout: 20_000 })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const authority = ['-x509', '-subj', '/CN=authority of the specs', '-keyout', file('ca.key'), '-out', file('ca.pem')]
  openssl('req', ...newKey, ...authority)
  const signed = ['-x509', '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-subj', '/CN=redis']
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE']
  openssl('req', ...newKey, ...signed, ...names, '-keyout', file('redis.key'), '-out', file('redis.pem'))
  return {
    authorityFile: file('ca.pem'),
    certificateFile: file('redis.pem'),
    keyFile: file('redis.key'),
    authority: readFileSync(file('ca.pem'), 'utf8'),
  }
}
