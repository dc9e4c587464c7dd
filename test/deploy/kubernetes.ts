import { parseAllDocuments } from 'yaml'

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly [field: string]: any
}

/** All documents of a file. A field that is written twice is an error. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!
    return document.toJS() as Manifest
  })
}

type Validate = ((data: unknown) => boolean) & { readonly errors?: readonly { instancePath: string; message?: string }[] }

/**
 * What the API's schema of its kind finds wrong in a manifest, and the fields that the schema does not have: the API refuses those, too. The
 * compiled schema ignores what it does not know, so a field that it has never read is unknown.
 */
export async function faultsOf(manifest: Manifest): Promise<string[]> {
  const { validate } = (await import(`kubernetes-models/_schemas/${schemaName(manifest)}`)) as { validate: Validate }
  const unread = new Set<string>()
  if (validate(watchReads(manifest, '', unread))) return [...unread].map((path) => `${path} is no field of the API`)
  return validate.errors!.map(({ instancePath, ...fault }) => `${instancePath}: ${JSON.stringify(fault)}`)
}

/** As in the API’s OpenAPI description, such as `IoK8sApiAppsV1Deployment`. */
function schemaName({ apiVersion, kind }: Manifest): string {
  const [version, group = 'core'] = apiVersion.split('/').toReversed()
  const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1)
  return `IoK8sApi${capital(group.split('.')[0]!)}${capital(version!)}${kind}`
}

function watchReads<Value>(value: Value, path: string, unread: Set<string>): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const key of Object.keys(value)) unread.add(`${path}/${key}`)
  return new Proxy(value, {
    get: (target, key) => {
      unread.delete(`${path}/${String(key)}`)
      return watchReads(Reflect.get(target, key), `${path}/${String(key)}`, unread)
    },
  })
}
