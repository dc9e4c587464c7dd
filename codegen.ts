import { readdirSync } from 'node:fs'
import type { CodegenConfig } from '@graphql-codegen/cli'

const types = {
  enumsAsTypes: true,
  useTypeImports: true,
  strictScalars: true,
  scalars: { ID: 'string', DateTime: 'string', JSON: 'unknown' },
}

const consoleDocuments = 'web/operations/*.graphql'
const consoleFragments = 'web/operations/fragments.graphql'
const consoleAreas = readdirSync(new URL('web/operations', import.meta.url))
  .map((file) => file.replace(/\.graphql$/, ''))
  .filter((area) => area !== 'fragments')

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  importExtension: '.ts',
  generates: {
    'schema/generated/': {
      documents: 'schema/operations/**/*.graphql',
      preset: 'client',
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: types,
    },
    'client/src/graphql/generated/types.ts': {
      documents: 'client/operations/**/*.graphql',
      plugins: ['typescript-operations'],
      config: { ...types, onlyOperationTypes: true },
    },
    // Texts: the client needs no GraphQL at run time.
    'client/src/graphql/generated/documents.ts': {
      documents: 'client/operations/**/*.graphql',
      plugins: ['./schema/operation-texts.ts'],
    },
    'schema/generated/client-documents.json': {
      documents: 'client/operations/**/*.graphql',
      plugins: ['./schema/known-texts.ts'],
    },
    // The console: an area's documents are loaded with its view.
    'web/src/console/generated/types.ts': {
      documents: consoleDocuments,
      plugins: ['typescript-operations'],
      config: { ...types, onlyOperationTypes: true },
    },
    ...Object.fromEntries(
      consoleAreas.map((area) => [
        `web/src/console/generated/${area}.ts`,
        { documents: [`web/operations/${area}.graphql`, consoleFragments], plugins: ['./schema/operation-texts.ts'] },
      ]),
    ),
    'schema/generated/console-documents.json': {
      documents: consoleDocuments,
      plugins: ['./schema/known-texts.ts'],
    },
    // For the caches of Apollo Client and urql.
    'client/src/glue/generated/possible-types.ts': { plugins: ['./client/possible-types.ts'] },
  },
}

export default config
