import { X509Certificate } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../config/config.ts'
import { readDocumentFile } from '../../config/document-file.ts'
import { diskFindings } from '../../domain/deployment/system-probes.ts'
import { parseDatabaseUrl } from '../../model/database-url.ts'
import type { Finding } from '../../model/finding.ts'
import { assertOwnFolder } from '../../store/engine/data-directory.ts'
import { DataDirectoryError, lockDirectory } from '../../store/engine/directory-lock.ts'

const certificateDays = 30
const day = 86_400_000

/** What the settings name on the disk. Changes nothing. */
export async function fileFindings(config: Config, isServed: boolean): Promise<Finding[]> {
  return [
    ...(config.DATABASE_URL === undefined ? folderFindings(config, isServed) : []),
    ...(await documentFindings(config)),
    ...certificateFindings('DATABASE_URL', config.DATABASE_URL),
    ...certificateFindings('DATABASE_DIRECT_URL', config.DATABASE_DIRECT_URL),
  ]
}

/** `isServed` when a server has answered that it works on the folder. */
function folderFindings(config: Config, isServed: boolean): Finding[] {
  const folder = resolve(config.DATA_DIR)
  const place = existingParent(folder)
  try {
    if (!statSync(place).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' })
    accessSync(place, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return [
      {
        code: 'data.unwritable',
        severity: 'error',
        subject: 'DATA_DIR',
        text: `DATA_DIR: ${place} is no folder that this user can write to (${code}).`,
        remedy: 'Give the folder to the user that the server runs as, or choose another one.',
      },
    ]
  }
  const findings = diskFindings(place)
  if (place !== folder) return findings
  findings.push(...refusedFolderFindings(folder))
  if (!isServed && existsSync(join(folder, 'lock'))) findings.push(...lockFindings(folder))
  const hasKey = config.SECRET_KEY !== undefined || existsSync(join(folder, 'secret-key'))
  if (existsSync(join(folder, 'pgdata.complete')) && !hasKey) {
    findings.push({
      code: 'secret-key.missing',
      severity: 'error',
      subject: 'SECRET_KEY',
      text: `${folder} has a database and no file secret-key: its secrets cannot be read.`,
      remedy: 'Copy secret-key from the backup that the folder comes from, or set SECRET_KEY to it.',
    })
  }
  return findings
}

function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(dirname(path))
}

function refusedFolderFindings(folder: string): Finding[] {
  try {
    assertOwnFolder(folder)
    return []
  } catch (error) {
    if (!(error instanceof DataDirectoryError)) throw error
    const text = `${error.message.replace(/\.$/, '')}.`
    const remedy = 'Set DATABASE_URL where the server was moved (docs/move.md), or choose another folder.'
    return [{ code: 'data.refused', severity: 'error', subject: 'DATA_DIR', text, remedy }]
  }
}

/** Takes the lock of a folder that has one, and gives it back at once. */
function lockFindings(folder: string): Finding[] {
  try {
    lockDirectory(folder)()
    return []
  } catch (error) {
    if (!(error instanceof DataDirectoryError)) throw error
    return [
      {
        code: 'data.locked',
        severity: 'error',
        subject: 'DATA_DIR',
        text: `${error.message.replace(/\.$/, '')}.`,
        remedy: 'Stop that process: two on one folder would destroy it.',
      },
    ]
  }
}

async function documentFindings({ PERSISTED_DOCUMENTS: path }: Config): Promise<Finding[]> {
  try {
    if (path !== undefined) await readDocumentFile(path)
    return []
  } catch (error) {
    return [
      {
        code: 'documents.unreadable',
        severity: 'error',
        subject: 'PERSISTED_DOCUMENTS',
        text: `${(error as Error).message}.`,
        remedy: 'Write it anew with GraphQL Code Generator, and see that the server may read it.',
      },
    ]
  }
}

/** The authority that `sslrootcert` names. */
function certificateFindings(setting: string, url: string | undefined): Finding[] {
  const path = url === undefined ? undefined : parseDatabaseUrl(url).rootCertificate
  if (path === undefined || path === 'system') return []
  try {
    const { validTo } = new X509Certificate(readFileSync(path))
    const days = Math.floor((Date.parse(validTo) - Date.now()) / day)
    if (days > certificateDays) return []
    return [
      {
        code: 'certificate.expires',
        severity: days < 0 ? 'error' : 'warning',
        subject: setting,
        text: `The certificate in ${path} ${days < 0 ? 'has expired' : `expires in ${days} days`} (${validTo}).`,
        remedy: 'Replace it before: without it the database cannot be connected to.',
      },
    ]
  } catch (error) {
    return [
      {
        code: 'certificate.unreadable',
        severity: 'error',
        subject: setting,
        text: `sslrootcert of ${setting}: ${path} is no certificate that can be read (${(error as NodeJS.ErrnoException).code ?? 'no PEM'}).`,
        remedy: 'Name the file with the certificate of the authority, in PEM.',
      },
    ]
  }
}
