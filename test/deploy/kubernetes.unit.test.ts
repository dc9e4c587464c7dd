import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { settings } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { faultsOf, parseManifests, type Kinds, type Manifest } from './kubernetes.ts'

const folder = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url))
const files = globSync('*.yaml', { cwd: folder }).toSorted()
const manifests = files.flatMap((file) => parseManifests(readFileSync(folder + file, 'utf8')))

function only<Kind extends keyof Kinds>(kind: Kind): Manifest & Kinds[Kind] {
  const found = manifests.filter((manifest) => manifest.kind === kind)
  if (found.length !== 1) throw new Error(`there are ${found.length} of the kind ${kind}`)
  return found[0] as Manifest & Kinds[Kind]
}

const server = only('Deployment').spec.template
const job = only('Job').spec.template
const named = { ...only('ConfigMap').data, ...only('Secret').stringData }

describe('the manifests', () => {
  test.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    '%s is one of the API, with no field that the API does not have',
    async (_, manifest) => {
      expect(await faultsOf(manifest)).toEqual([])
    },
  )

  test('a wrong type, a missing field, and a field that is misspelt or in the wrong place are found', async () => {
    const text = JSON.stringify(only('Deployment'))
    const broken = async (from: string, to: string): Promise<string> => {
      expect(text).toContain(from)
      return (await faultsOf(JSON.parse(text.replace(from, to)) as Manifest)).join()
    }
    expect(await broken('"replicas":2', '"replicas":"two"')).toContain('/spec/replicas: ')
    expect(await broken('"selector":', '"selectors":')).toContain('"missingProperty":"selector"')
    expect(await broken('"readinessProbe"', '"readynessProbe"')).toContain(
      '/spec/template/spec/containers/0/readynessProbe is no field of the API',
    )
    expect(await broken('"replicas":2', '"terminationGracePeriodSeconds":60')).toBe(
      '/spec/terminationGracePeriodSeconds is no field of the API',
    )
  })

  test('settings that they name are settings, with values that a start takes', () => {
    expect(Object.keys(named).filter((name) => !(name in settings))).toEqual([])
    expect(() => readConfig(named)).not.toThrow()
    // Others would stand here without a check.
    for (const { spec } of [server, job]) expect(spec.containers[0].env).toBeUndefined()
  })

  test('a pod has time for all of its stop', () => {
    const { DRAIN_DELAY, DRAIN_SECONDS } = readConfig(named)
    expect(server.spec.terminationGracePeriodSeconds).toBeGreaterThan(DRAIN_DELAY + DRAIN_SECONDS + 4)
    // It has to be noticed while everything is accepted.
    const { periodSeconds, failureThreshold } = server.spec.containers[0].readinessProbe
    expect(periodSeconds * failureThreshold).toBeLessThan(DRAIN_DELAY)
  })

  test('probes ask what they are for, at the port that is there', () => {
    const [{ startupProbe, readinessProbe, livenessProbe, ports }] = server.spec.containers
    const paths = [startupProbe, readinessProbe, livenessProbe].map((probe) => [probe.httpGet.path, probe.httpGet.port])
    expect(paths).toEqual([
      ['/healthz', 'http'],
      ['/readyz', 'http'],
      ['/healthz', 'http'],
    ])
    expect(ports).toEqual([{ name: 'http', containerPort: settings.PORT.schema.parse(undefined) }])
    expect(only('Service').spec.ports).toMatchObject([{ targetPort: 'http' }])
    expect(only('Ingress').spec.rules[0].http.paths[0].backend).toEqual({
      service: {
        name: only('Service').metadata.name,
        port: { name: only('Service').spec.ports[0]!.name },
      },
    })
  })

  test('all that select pods select those of the deployment, and none of the job', () => {
    const { labels } = server.metadata
    const selectors = [
      only('Deployment').spec.selector.matchLabels,
      only('PodDisruptionBudget').spec.selector.matchLabels,
      only('Service').spec.selector,
      ...server.spec.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels),
    ]
    for (const selector of selectors) expect(selector).toEqual(labels)
    expect(job.metadata.labels).not.toMatchObject(labels)
  })

  // The profile "restricted" of the standards for the security of pods, and a root that cannot be written.
  test.each([
    ['deployment', server],
    ['job', job],
  ] as const)('the pods of the %s may do nothing that they need not', (_, { spec }) => {
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(spec.securityContext.runAsUser).toBeGreaterThan(0)
    for (const { securityContext } of spec.containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  })

  test('the job migrates with the image and the settings of the deployment', () => {
    const [{ args, image, envFrom }] = job.spec.containers
    expect(args).toEqual(['migrate'])
    expect([image, envFrom]).toEqual([server.spec.containers[0].image, server.spec.containers[0].envFrom])
    expect(envFrom).toEqual([
      { configMapRef: { name: only('ConfigMap').metadata.name } },
      { secretRef: { name: only('Secret').metadata.name } },
    ])
  })
})
