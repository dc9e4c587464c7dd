import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readConfig, settings } from '../../src/config/config.ts'
import { faultsOf, parseManifests, type Manifest } from './kubernetes.ts'

const folder = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url))
const files = globSync('*.yaml', { cwd: folder }).toSorted()
const manifests = files.flatMap((file) => parseManifests(readFileSync(folder + file, 'utf8')))

const only = (kind: string): Manifest => {
  const found = manifests.filter((manifest) => manifest.kind === kind)
  expect(found.map(({ kind }) => kind)).toEqual([kind])
  return found[0]!
}
const pods = ['Deployment', 'Job'].map((kind) => [kind, only(kind)['spec'].template] as const)

describe('the manifests', () => {
  test.each(manifests.map((manifest) => [`${manifest.kind} ${manifest['metadata'].name}`, manifest] as const))(
    '%s is one of the API, with no field that the API does not have',
    async (_, manifest) => {
      expect(await faultsOf(manifest)).toEqual([])
    },
  )

  test('a wrong type, a missing field, and a field that is misspelt or in the wrong place are found', async () => {
    const broken = async (change: (deployment: any) => void): Promise<string> => {
      const deployment = structuredClone(only('Deployment'))
      change(deployment)
      return (await faultsOf(deployment)).join()
    }
    expect(await broken(({ spec }) => (spec.replicas = 'two'))).toContain('/spec/replicas: ')
    expect(await broken(({ spec }) => delete spec.selector)).toContain('selector')
    expect(await broken(({ spec }) => (spec.template.spec.containers[0].readynessProbe = {}))).toBe(
      '/spec/template/spec/containers/0/readynessProbe is no field of the API',
    )
    expect(await broken(({ spec }) => (spec.terminationGracePeriodSeconds = 60))).toBe(
      '/spec/terminationGracePeriodSeconds is no field of the API',
    )
  })

  test('settings that they name are settings, with values that a start takes', () => {
    const named = { ...only('ConfigMap')['data'], ...only('Secret')['stringData'] }
    expect(Object.keys(named).filter((name) => !(name in settings))).toEqual([])
    expect(() => readConfig(named)).not.toThrow()
    // Others would stand here without a check.
    for (const [kind, { spec }] of pods) expect([kind, spec.containers[0].env]).toEqual([kind, undefined])
  })

  test('a pod has time for all of its stop', () => {
    const { DRAIN_DELAY, DRAIN_SECONDS } = readConfig({
      ...only('ConfigMap')['data'],
      ...only('Secret')['stringData'],
    })
    expect(only('Deployment')['spec'].template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      DRAIN_DELAY + DRAIN_SECONDS + 4,
    )
    // It has to be noticed while everything is accepted.
    const { readinessProbe } = only('Deployment')['spec'].template.spec.containers[0]
    expect(readinessProbe.periodSeconds * readinessProbe.failureThreshold).toBeLessThan(DRAIN_DELAY)
  })

  test('probes ask what they are for, at the port that is there', () => {
    const [{ startupProbe, readinessProbe, livenessProbe, ports }] = only('Deployment')['spec'].template.spec.containers
    const paths = [startupProbe, readinessProbe, livenessProbe].map((probe) => [probe.httpGet.path, probe.httpGet.port])
    expect(paths).toEqual([
      ['/healthz', 'http'],
      ['/readyz', 'http'],
      ['/healthz', 'http'],
    ])
    expect(ports).toEqual([{ name: 'http', containerPort: settings.PORT.schema.parse(undefined) }])
    expect(only('Service')['spec'].ports).toMatchObject([{ targetPort: 'http' }])
    expect(only('Ingress')['spec'].rules[0].http.paths[0].backend.service).toEqual({
      name: only('Service')['metadata'].name,
      port: { name: only('Service')['spec'].ports[0].name },
    })
  })

  test('all that select pods select those of the deployment, and none of the job', () => {
    const deployment = only('Deployment')
    const { labels } = deployment['spec'].template.metadata
    const selectors = [
      deployment['spec'].selector.matchLabels,
      only('PodDisruptionBudget')['spec'].selector.matchLabels,
      only('Service')['spec'].selector,
      ...deployment['spec'].template.spec.topologySpreadConstraints.map(
        (constraint: any) => constraint.labelSelector.matchLabels,
      ),
    ]
    for (const selector of selectors) expect(selector).toEqual(labels)
    expect(only('Job')['spec'].template.metadata.labels).not.toMatchObject(labels)
  })

  // The profile "restricted" of the standards for the security of pods, and a root that cannot be written.
  test.each(pods)('the pods of the %s may do nothing that they need not', (_, { spec }) => {
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
    const [[, deployment], [, job]] = pods as [(typeof pods)[number], (typeof pods)[number]]
    const [server] = deployment.spec.containers
    const [migrate] = job.spec.containers
    expect(migrate.args).toEqual(['migrate'])
    expect([migrate.image, migrate.envFrom]).toEqual([server.image, server.envFrom])
    expect(server.envFrom).toEqual([
      { configMapRef: { name: only('ConfigMap')['metadata'].name } },
      { secretRef: { name: only('Secret')['metadata'].name } },
    ])
  })
})
