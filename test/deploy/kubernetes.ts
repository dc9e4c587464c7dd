import { parseAllDocuments } from 'yaml'

type Labels = Readonly<Record<string, string>>

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
  readonly failureThreshold: number
}

interface PodContainer {
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: unknown
  readonly envFrom: unknown
  readonly ports: unknown
  readonly startupProbe: Probe
  readonly readinessProbe: Probe
  readonly livenessProbe: Probe
  readonly securityContext: unknown
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels }
  readonly spec: {
    readonly terminationGracePeriodSeconds: number
    readonly automountServiceAccountToken: boolean
    readonly securityContext: { readonly runAsUser: number }
    readonly containers: readonly [PodContainer]
    readonly topologySpreadConstraints: readonly { readonly labelSelector: { readonly matchLabels: Labels } }[]
  }
}

/** What the specs read of each kind. That it has the form of the API is what `faultsOf` looks at. */
export interface Kinds {
  readonly ConfigMap: { readonly data: Readonly<Record<string, string>> }
  readonly Secret: { readonly stringData: Readonly<Record<string, string>> }
  readonly Deployment: {
    readonly spec: { readonly selector: { readonly matchLabels: Labels }; readonly template: PodTemplate }
  }
  readonly Job: { readonly spec: { readonly template: PodTemplate } }
  readonly PodDisruptionBudget: { readonly spec: { readonly selector: { readonly matchLabels: Labels } } }
  readonly Service: {
    readonly spec: { readonly selector: Labels; readonly ports: readonly { readonly name: string }[] }
  }
  readonly Ingress: {
    readonly spec: {
      readonly rules: readonly [{ readonly http: { readonly paths: readonly [{ readonly backend: unknown }] } }]
    }
  }
}

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
}

/** All documents of a file. A field that is written twice is an error. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!
    return document.toJS() as Manifest
  })
}

type Validate = ((data: unknown) => boolean) & {
  readonly errors?: readonly { instancePath: string; message?: string }[]
}

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
