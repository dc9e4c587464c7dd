import type { CodegenConfig } from '@graphql-codegen/cli'

const types = {
  enumsAsTypes: true,
  useTypeImports: true,
  strictScalars: true,
  scalars: { ID: 'string', DateTime: 'string', JSON: 'unknown' },
}

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
    // Texts: the client needs no GraphQL at run time.
    'client/src/graphql/generated/': {
      documents: 'client/operations/**/*.graphql',
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { ...types, documentMode: 'string', onlyOperationTypes: true },
    },
  },
}

export default config
